{{ conform('opportunity_stage_change', references={'opportunity_id': ref('int_opportunity_rows')}) }}
