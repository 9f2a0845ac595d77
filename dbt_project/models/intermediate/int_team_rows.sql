{{ conform('team') }}
