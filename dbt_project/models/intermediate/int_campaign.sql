{{ config(materialized='view') }}

{{ conformed('campaign', ref('int_campaign_rows')) }}
