"""Runs the expectations on a candidate and returns a verdict."""
