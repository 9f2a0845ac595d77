{{ generic_staging('project_task') }}
