{{ config(materialized='view') }}

{{ conformed('order', ref('int_order_rows')) }}
