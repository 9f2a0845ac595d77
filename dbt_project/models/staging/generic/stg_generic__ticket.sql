{{ generic_staging('ticket') }}
