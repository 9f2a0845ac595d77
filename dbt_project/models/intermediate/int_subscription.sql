{{ config(materialized='view') }}

{{ conformed('subscription', ref('int_subscription_rows')) }}
