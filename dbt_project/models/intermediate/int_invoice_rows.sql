{{ conform('invoice', references={'order_id': ref('int_order_rows'), 'account_id': ref('int_account_rows')}) }}
