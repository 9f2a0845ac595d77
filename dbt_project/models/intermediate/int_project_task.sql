{{ config(materialized='view') }}

{{ conformed('project_task', ref('int_project_task_rows')) }}
