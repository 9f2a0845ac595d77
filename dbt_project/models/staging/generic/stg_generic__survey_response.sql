{{ generic_staging('survey_response') }}
