{{ conform('target') }}
