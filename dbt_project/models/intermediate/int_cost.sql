{{ config(materialized='view') }}

{{ conformed('cost', ref('int_cost_rows')) }}
