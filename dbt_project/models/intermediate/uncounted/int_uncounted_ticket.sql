{{ uncounted('ticket', ref('int_ticket_rows'), ref('fct_tickets')) }}
