{{ config(materialized='view') }}

{{ conformed('exchange_rate', ref('int_exchange_rate_rows')) }}
