{{ config(materialized='view') }}

{{ conformed('invoice', ref('int_invoice_rows')) }}
