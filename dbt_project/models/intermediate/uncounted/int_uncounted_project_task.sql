{{ uncounted('project_task', ref('int_project_task_rows'), ref('fct_project_tasks')) }}
