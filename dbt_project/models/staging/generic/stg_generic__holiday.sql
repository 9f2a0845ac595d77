{{ generic_staging('holiday') }}
