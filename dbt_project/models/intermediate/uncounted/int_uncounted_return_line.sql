{{ uncounted('return_line', ref('int_return_line_rows'), ref('fct_returns')) }}
