{{ uncounted('cost', ref('int_cost_rows'), ref('fct_costs')) }}
