{{ uncounted('touchpoint', ref('int_touchpoint_rows'), ref('fct_touchpoints')) }}
