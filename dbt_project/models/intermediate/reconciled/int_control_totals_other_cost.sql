{{ money_totals('other_cost') }}
