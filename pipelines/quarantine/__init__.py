"""Quarantined rows: which there are, taking them out to be corrected, and bringing them back."""
