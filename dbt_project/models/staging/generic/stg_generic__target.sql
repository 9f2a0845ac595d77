{{ generic_staging('target') }}
