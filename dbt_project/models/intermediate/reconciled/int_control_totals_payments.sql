{{ money_totals('payments') }}
