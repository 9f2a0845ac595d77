{{ generic_staging('exchange_rate') }}
