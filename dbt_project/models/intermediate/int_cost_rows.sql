{{ conform('cost', references={'account_id': ref('int_account_rows'), 'project_id': ref('int_project_rows')}) }}
