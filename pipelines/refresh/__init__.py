"""The steps of a refresh: ingest, build, prove, publish. The command, the schedule and the Dagster UI all run these."""
