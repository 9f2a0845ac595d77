{{ money_totals('shipping') }}
