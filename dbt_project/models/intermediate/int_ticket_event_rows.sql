{{ conform('ticket_event', references={'ticket_id': ref('int_ticket_rows')}) }}
