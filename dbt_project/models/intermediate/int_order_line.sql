{{ config(materialized='view') }}

{{ conformed('order_line', ref('int_order_line_rows')) }}
