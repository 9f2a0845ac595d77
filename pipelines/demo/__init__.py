"""The demo company: deterministic sources with known answers."""
