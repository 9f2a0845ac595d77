{{ uncounted('activity', ref('int_activity_rows'), ref('fct_activities')) }}
