{{ config(materialized='view') }}

{{ conformed('ticket_event', ref('int_ticket_event_rows')) }}
