{{ config(materialized='view') }}

{{ conformed('lead', ref('int_lead_rows')) }}
