{{ generic_staging('contact') }}
