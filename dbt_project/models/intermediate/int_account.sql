{{ config(materialized='view') }}

{{ conformed('account', ref('int_account_rows')) }}
