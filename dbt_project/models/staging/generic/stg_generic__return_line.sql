{{ generic_staging('return_line') }}
