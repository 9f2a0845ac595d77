{{ generic_staging('lead') }}
