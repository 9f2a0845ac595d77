"""Subcommands of `rapport` that come in families. Each is thin: it calls one function of a package."""
