{{ money_totals('returns') }}
