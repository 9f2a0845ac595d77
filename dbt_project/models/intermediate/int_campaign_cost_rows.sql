{{ conform('campaign_cost') }}
