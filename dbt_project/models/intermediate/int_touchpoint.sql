{{ config(materialized='view') }}

{{ conformed('touchpoint', ref('int_touchpoint_rows')) }}
