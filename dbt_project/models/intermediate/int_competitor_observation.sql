{{ config(materialized='view') }}

{{ conformed('competitor_observation', ref('int_competitor_observation_rows')) }}
