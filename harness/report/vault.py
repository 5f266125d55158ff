"""The secret values that a run came to know, searched in all that is to be written."""

from collections.abc import Iterator, Mapping

from ..errors import HarnessFailure
from .redact import SHORTEST, forms

HINT = (
    "If the value is a common word, it can't be told from other text: give it another. "
    "Else this is a mistake of the harness; please report it."
)


class SecretInReport(HarnessFailure):
    """A secret value would stand in what is written; nothing may be written then."""


class Vault:
    """Every secret value of a run; never part of a report."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._held: dict[str, str] = {}
        """Names by value: cells have different values under one name."""
        self.hold(secrets or {})

    def hold(self, secrets: Mapping[str, str]) -> None:
        """Add some; from any thread."""
        for name, value in secrets.items():
            if len(value) >= SHORTEST:
                self._held[value] = name

    def verify(self, texts: Mapping[str, str]) -> None:
        """Search finished texts for each value, in each of its forms.

        :param texts: by what they are: ``report.html``
        :raises SecretInReport: one is in there; none of the texts must be written
        """
        begins: dict[str, dict[str, str]] = {}
        for value, name in list(self._held.items()):
            for form in forms(value):
                begins.setdefault(form[:SHORTEST], {})[form] = name
        for what, text in texts.items():
            # thousands of values in megabytes: one pass looks for how they begin
            for begin in set(begins).intersection(_pieces(text)):
                for form, name in begins[begin].items():
                    if form in text:
                        raise SecretInReport(
                            f"The value of {name} would stand in {what}; "
                            "no report is written.",
                            HINT,
                        )


def _pieces(text: str) -> Iterator[str]:
    """Each piece of a text that is as long as the shortest secret."""
    size = len(text)
    places = map(slice, range(size), range(SHORTEST, size + SHORTEST))
    return map(text.__getitem__, places)
