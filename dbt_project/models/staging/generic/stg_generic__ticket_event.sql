{{ generic_staging('ticket_event') }}
