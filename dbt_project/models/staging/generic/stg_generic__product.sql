{{ generic_staging('product') }}
