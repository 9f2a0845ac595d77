{{ conform('project') }}
