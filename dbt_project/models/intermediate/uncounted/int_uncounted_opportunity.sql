{{ uncounted('opportunity', ref('int_opportunity_rows'), ref('fct_opportunities')) }}
