{{ money_totals('campaign_cost') }}
