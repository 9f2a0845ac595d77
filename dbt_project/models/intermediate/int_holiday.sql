{{ config(materialized='view') }}

{{ conformed('holiday', ref('int_holiday_rows')) }}
