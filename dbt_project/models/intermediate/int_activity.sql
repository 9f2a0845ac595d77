{{ config(materialized='view') }}

{{ conformed('activity', ref('int_activity_rows')) }}
