"""Which accounts are the same customer."""
