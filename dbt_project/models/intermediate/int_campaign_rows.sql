{{ conform('campaign') }}
