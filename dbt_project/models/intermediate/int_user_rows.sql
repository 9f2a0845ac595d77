{{ conform('user') }}
