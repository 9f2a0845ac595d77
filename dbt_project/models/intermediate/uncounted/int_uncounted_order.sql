{{ uncounted('order', ref('int_order_rows'), ref('fct_orders')) }}
