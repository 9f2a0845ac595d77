{{ config(materialized='view') }}

{{ conformed('market_size', ref('int_market_size_rows')) }}
