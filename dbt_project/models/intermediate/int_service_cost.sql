{{ config(materialized='view') }}

{{ conformed('service_cost', ref('int_service_cost_rows')) }}
