{{ conform('sla_policy', references={'schedule_id': ref('int_business_schedule_rows')}) }}
