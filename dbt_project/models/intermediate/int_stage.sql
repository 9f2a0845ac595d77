{{ config(materialized='view') }}

{{ conformed('stage', ref('int_stage_rows')) }}
