{{ uncounted('survey_response', ref('int_survey_response_rows'), ref('fct_survey_responses')) }}
