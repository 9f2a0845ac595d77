{{ generic_staging('team') }}
