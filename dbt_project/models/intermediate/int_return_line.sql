{{ config(materialized='view') }}

{{ conformed('return_line', ref('int_return_line_rows')) }}
