{{ config(materialized='view') }}

{{ conformed('report_publication', ref('int_report_publication_rows')) }}
