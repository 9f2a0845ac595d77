{{ uncounted('campaign_member', ref('int_campaign_member_rows'), ref('fct_campaign_members')) }}
