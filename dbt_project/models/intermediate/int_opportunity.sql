{{ config(materialized='view') }}

{{ conformed('opportunity', ref('int_opportunity_rows')) }}
