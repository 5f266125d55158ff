"""What the validation says of itself."""

from .check import BLOCKER, WARNING, Check

CATEGORY = "this validation"
CHECKS = (
    Check(
        id="QFV-951",
        title="Nothing that the validation made is left",
        severity=BLOCKER,
        why="It takes quota, and is found by the next validation.",
        fix="Run the command that is given.",
    ),
    Check(
        id="QFV-952",
        title="Nothing of anyone else's was touched",
        severity=BLOCKER,
        why="A validation must not change what it validates.",
        fix="Look at who else changed it meanwhile.",
    ),
    Check(
        id="QFV-953",
        title="The read-only checks wrote nothing",
        severity=BLOCKER,
        why="A validation must not change what it validates.",
        fix="This is a mistake of the harness; please report it.",
    ),
    Check(
        id="QFV-954",
        title="Every waiver holds and is needed",
        severity=WARNING,
        why="What was accepted for a time stays accepted for ever.",
        fix="Renew the waiver with a reason, or remove it.",
    ),
)
