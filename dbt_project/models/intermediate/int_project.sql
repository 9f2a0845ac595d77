{{ config(materialized='view') }}

{{ conformed('project', ref('int_project_rows')) }}
