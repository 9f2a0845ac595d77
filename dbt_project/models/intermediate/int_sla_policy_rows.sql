{{ conform('sla_policy') }}
