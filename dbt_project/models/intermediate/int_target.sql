{{ config(materialized='view') }}

{{ conformed('target', ref('int_target_rows')) }}
