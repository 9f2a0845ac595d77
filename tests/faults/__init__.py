"""A laboratory of faults: what goes wrong in sources and in models, and whether a reader would ever see it."""
