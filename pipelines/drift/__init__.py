"""Whether tonight's deliveries look like those of the nights before: what no rule forbids, and yet nobody expects."""
