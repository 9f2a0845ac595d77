{{ uncounted('target', ref('int_target_rows'), ref('fct_targets')) }}
