"""Errors for the person at the terminal: what happened, what to do next, an exit code.

A failed expectation is never one of these; it is a finding.
"""


class HarnessError(Exception):
    """Base of all; caught once, in ``cli.endings``."""

    exit_code = 4

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UsageError(HarnessError):
    """An option, a scenario file or a profile is wrong."""

    exit_code = 2


class EnvironmentMissing(HarnessError):
    """What an environment needs isn't there."""

    exit_code = 3


class HarnessFailure(HarnessError):
    """The harness or its simulator failed, not the subject."""

    exit_code = 4
