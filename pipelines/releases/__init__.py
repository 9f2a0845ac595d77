"""Candidates, digests, publication and the list of releases."""
