{{ conform('return_line', references={'order_line_id': ref('int_order_line_rows')}) }}
