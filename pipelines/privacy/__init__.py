"""Erasing a person: from the landing, from the restricted editions of releases, and from what is delivered later."""
