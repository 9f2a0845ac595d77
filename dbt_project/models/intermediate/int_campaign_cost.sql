{{ config(materialized='view') }}

{{ conformed('campaign_cost', ref('int_campaign_cost_rows')) }}
