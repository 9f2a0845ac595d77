{{ conform('ticket_event') }}
