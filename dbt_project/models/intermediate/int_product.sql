{{ config(materialized='view') }}

{{ conformed('product', ref('int_product_rows')) }}
