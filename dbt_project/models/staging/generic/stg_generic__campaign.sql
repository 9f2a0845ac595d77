{{ generic_staging('campaign') }}
