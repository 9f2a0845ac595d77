{{ generic_staging('opportunity') }}
