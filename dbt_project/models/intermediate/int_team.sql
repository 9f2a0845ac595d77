{{ config(materialized='view') }}

{{ conformed('team', ref('int_team_rows')) }}
