{{ generic_staging('payment') }}
