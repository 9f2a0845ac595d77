{{ conform('project_task', references={'project_id': ref('int_project_rows')}) }}
