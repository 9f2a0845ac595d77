{{ uncounted('order_line', ref('int_order_line_rows'), ref('fct_order_lines')) }}
