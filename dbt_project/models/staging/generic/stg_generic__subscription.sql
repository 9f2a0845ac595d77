{{ generic_staging('subscription') }}
