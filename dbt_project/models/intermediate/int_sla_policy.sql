{{ config(materialized='view') }}

{{ conformed('sla_policy', ref('int_sla_policy_rows')) }}
