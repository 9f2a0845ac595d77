{{ config(materialized='view') }}

{{ conformed('campaign_member', ref('int_campaign_member_rows')) }}
