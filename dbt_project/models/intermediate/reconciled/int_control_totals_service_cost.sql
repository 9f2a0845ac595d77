{{ money_totals('service_cost') }}
