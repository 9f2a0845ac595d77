{{ generic_staging('user') }}
