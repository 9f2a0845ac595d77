{{ config(materialized='view') }}

{{ conformed('opportunity_stage_change', ref('int_opportunity_stage_change_rows')) }}
