{{ config(materialized='view') }}

{{ conformed('user', ref('int_user_rows')) }}
