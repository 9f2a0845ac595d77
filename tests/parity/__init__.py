"""The same models, built by DuckDB and by Spark from the same landed batches, have to say the same."""
