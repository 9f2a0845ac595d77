"""Readers by kind of source, and the catalogue of what each system is made of."""
