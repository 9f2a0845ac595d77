{{ uncounted('lead', ref('int_lead_rows'), ref('fct_leads')) }}
