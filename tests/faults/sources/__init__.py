"""Faults of sources: files that are damaged, forged, stale, or not ours."""
