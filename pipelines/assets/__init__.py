"""Dagster assets: thin; each calls one function of the packages beside it."""
