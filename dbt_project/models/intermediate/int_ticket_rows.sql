{{ conform('ticket', references={'account_id': ref('int_account_rows'), 'order_id': ref('int_order_rows')}) }}
