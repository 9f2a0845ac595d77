{{ conform('service_cost') }}
