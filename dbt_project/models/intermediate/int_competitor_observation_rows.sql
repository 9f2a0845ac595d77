{{ conform('competitor_observation') }}
