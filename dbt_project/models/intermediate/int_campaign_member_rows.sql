{{ conform('campaign_member', references={'account_id': ref('int_account_rows'), 'lead_id': ref('int_lead_rows')}) }}
