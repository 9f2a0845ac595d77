{{ conform('exchange_rate') }}
