"""Why figures differ between two releases: what changed in the sources, cause by cause, and what each cause changed."""
