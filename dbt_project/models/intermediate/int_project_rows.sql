{{ conform('project', references={'account_id': ref('int_account_rows')}) }}
