{{ generic_staging('touchpoint') }}
