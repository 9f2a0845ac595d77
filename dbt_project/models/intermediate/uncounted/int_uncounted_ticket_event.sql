{{ uncounted('ticket_event', ref('int_ticket_event_rows'), ref('fct_ticket_events')) }}
