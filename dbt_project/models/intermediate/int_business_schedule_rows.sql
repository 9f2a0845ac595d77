{{ conform('business_schedule') }}
