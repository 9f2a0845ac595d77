{{ generic_staging('activity') }}
