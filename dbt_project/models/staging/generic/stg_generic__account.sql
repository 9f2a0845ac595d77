{{ generic_staging('account') }}
