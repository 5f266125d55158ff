"""The shape of an entry of the registry."""

from dataclasses import dataclass

from ..model import Severity

BLOCKER, WARNING, INFO = Severity.BLOCKER, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One check, apart from what it sees."""

    id: str
    """Never reused, not even for a check that is gone."""
    title: str
    """A sentence that is true when it passes."""
    severity: Severity
    why: str
    """What goes wrong without it, in QFieldCloud's words."""
    fix: str
    """What to do, where the check itself doesn't say it better."""
    category: str = ""
    needs: tuple[str, ...] = ()
    """Checks without whose pass this one can't be judged."""
    affects: tuple[str, ...] = ()
    """Job types and failure modes; () for all of them."""
    who: str = ""
    """Who can prove it where the operator can't look."""

    @property
    def doc(self) -> str:
        """Where its page is."""
        return f"docs/reference/validation-checks.md#{self.id.lower()}"
