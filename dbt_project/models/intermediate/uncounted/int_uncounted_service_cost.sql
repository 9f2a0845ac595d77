{{ uncounted('service_cost', ref('int_service_cost_rows'), ref('fct_service_costs')) }}
