{{ generic_staging('campaign_cost') }}
