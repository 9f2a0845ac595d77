{{ conform('order_line', references={'order_id': ref('int_order_rows')}) }}
