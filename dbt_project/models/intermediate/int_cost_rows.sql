{{ conform('cost') }}
