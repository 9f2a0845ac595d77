"""The errors a person can meet, and the exit code each one ends the command with."""


class RapportError(Exception):
    """Something a person has to know about. The message says what, where, and what to do."""

    exit_code = 1


class ConfigError(RapportError):
    """The configuration or the command line is wrong; nothing was read or written."""

    exit_code = 2


class ProofError(RapportError):
    """What is there is not proven, or not what was recorded; nothing was published and the current release stands."""

    exit_code = 3


class SourceError(RapportError):
    """A source could not be read; nothing of that source was landed by this run."""

    exit_code = 4
