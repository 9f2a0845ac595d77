"""Immutable batches of landed rows, and their manifests."""
