{{ money_totals('invoices') }}
