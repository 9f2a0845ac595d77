{{ config(materialized='view') }}

{{ conformed('payment', ref('int_payment_rows')) }}
