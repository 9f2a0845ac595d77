{{ uncounted('campaign_cost', ref('int_campaign_cost_rows'), ref('fct_campaign_costs')) }}
