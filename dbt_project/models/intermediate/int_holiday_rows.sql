{{ conform('holiday') }}
