{{ conform('project_task') }}
