{{ config(materialized='view') }}

{{ conformed('ticket', ref('int_ticket_rows')) }}
