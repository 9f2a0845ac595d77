{{ generic_staging('invoice') }}
