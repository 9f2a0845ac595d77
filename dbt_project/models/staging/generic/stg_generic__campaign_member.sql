{{ generic_staging('campaign_member') }}
