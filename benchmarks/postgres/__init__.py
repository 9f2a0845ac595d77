"""The same models with dbt on PostgreSQL: a throw-away server, the landed rows copied in, and what ran."""
