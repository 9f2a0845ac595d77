{{ generic_staging('cost') }}
