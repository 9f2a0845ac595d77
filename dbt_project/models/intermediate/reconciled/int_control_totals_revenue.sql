{{ money_totals('revenue') }}
