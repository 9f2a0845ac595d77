{{ generic_staging('competitor_observation') }}
