{{ config(materialized='view') }}

{{ conformed('survey_response', ref('int_survey_response_rows')) }}
