{{ config(materialized='view') }}

{{ conformed('business_schedule', ref('int_business_schedule_rows')) }}
