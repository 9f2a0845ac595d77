{{ config(materialized='view') }}

{{ conformed('report_decision', ref('int_report_decision_rows')) }}
