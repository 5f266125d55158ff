"""Makes two answers comparable without removing what they say.

What differs from run to run becomes a token, the same token wherever the same value
comes again: an id that should be the same and isn't shows. Times keep their precision
and, where it is fine enough, their order.
"""

import re
from collections.abc import Mapping
from typing import Any

_HEX64 = r"(?:sha256:)?[0-9a-f]{64}"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"
_MAC = r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}"
_IPV4 = r"\b(?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}(?:/\d+)?"
_ZERO_TIMES = ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z")
_PATTERN = re.compile(
    f"(?P<digest>sha256:[0-9a-f]{{64}})|(?P<id>{_HEX64})|(?P<uid>{_UUID})"
    f"|(?P<time>{_TIME})|(?P<mac>{_MAC})|(?P<ip>{_IPV4})"
)
_MICRO_DIGITS = 6  # of Kubernetes' MicroTime, always


class Normaliser:
    """One record's tokens: give it the values in the order in which they came."""

    nanoseconds = False
    """Every fraction of a second is one of nanoseconds: Go drops trailing zeros."""

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._named: dict[str, str] = {}

    def name(self, value: str, token: str) -> None:
        """Have a value of the test (a made-up name, a directory) shown as a token."""
        self._named[value] = f"<{token}>"

    def tokenise(self, value: str, kind: str) -> str:
        """The token of a value: numbered at first sight, then always the same."""
        if value not in self._tokens:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._tokens[value] = f"<{kind}:{self._counts[kind]}>"
        return self._tokens[value]

    def __call__(self, value: Any, key: str = "") -> Any:
        """A copy of a JSON value with tokens in it."""
        if isinstance(value, Mapping):
            return {
                self._text(str(name)): self(value[name], str(name))
                for name in sorted(value)
            }
        if isinstance(value, list | tuple):
            return [self(item, key) for item in value]
        if isinstance(value, str):
            if key in ("HostPort", "PublicPort") and value not in ("", "0"):
                return self.tokenise(value, "port")
            return self._text(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return self._number(value, key)
        return value

    def _number(self, value: int, key: str) -> Any:
        if key in ("time", "Created", "timeNano") and value > 10**9:
            return "<unix:ns>" if value > 10**15 else "<unix:s>"
        if key == "PublicPort":
            return self.tokenise(str(value), "port")
        if key in ("Pid", "IPPrefixLen") and value > 0:
            return f"<{key}>"
        return value

    def _text(self, text: str) -> str:
        for value in sorted(self._named, key=len, reverse=True):
            text = text.replace(value, self._named[value])
        return _PATTERN.sub(self._token_of, text)

    def finish(self, text: str) -> str:
        """What can only be said when all is known: short ids, and the order of times.

        The text is the whole record's JSON.
        """
        for value, token in self._tokens.items():
            if token.startswith("<id:"):
                text = text.replace(value[:12], f"{token[:-1]}/12>")
            if token.startswith("<digest:"):
                text = text.replace(value[7:19], f"{token[:-1]}/12>")
        return rank_times(text)

    def _token_of(self, match: "re.Match[str]") -> str:
        kind, value = str(match.lastgroup), match.group()
        if kind == "time":
            return self._time_token(value)
        return self.tokenise(value, kind)

    def _time_token(self, value: str) -> str:
        if value in _ZERO_TIMES:
            return value
        zone = "" if value.endswith("Z") else ":offset"
        fraction = re.search(r"\.(\d+)", value)
        if fraction is None:
            return f"<time:s{zone}>"
        digits = fraction.group(1)
        if len(digits) == _MICRO_DIGITS and not self.nanoseconds:
            return f"<time:us{zone}>"
        return f"<time:ns{zone}@{value[:19]}.{digits:0<9}>"


def rank_times(text: str) -> str:
    """Replace each nanosecond time by its place in the order of all of them."""
    moments = sorted(set(re.findall(r"@(\d{4}-[^>]+)>", text)))
    for place, moment in enumerate(moments, 1):
        text = text.replace(f"@{moment}>", f":{place}>")
    return text
