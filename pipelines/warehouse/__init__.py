"""Runs dbt on the warehouse, and tells it what was landed."""
