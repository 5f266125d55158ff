"""Label selectors and field selectors: parsed with the API server's error texts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.simulator.kube_api import field_errors
from harness.simulator.kube_api.errors import ApiError, bad_request
from harness.simulator.kube_api.validation import names

Matcher = Callable[[Mapping[str, str]], bool]
_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")
_SYMBOLS = ("=", "==", "!=", "!", "<", ">", "(", ")", ",")
_LEXEME = re.compile(r"\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term of a label selector; `operator` is in, notin, exists, !, gt or lt."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether the labels satisfy the term."""
        value = labels.get(self.key)
        if self.operator == "in":
            return value in self.values
        if self.operator == "notin":
            return value is None or value not in self.values
        if self.operator == "exists":
            return value is not None
        if self.operator == "!":
            return value is None
        if value is None or not re.fullmatch(r"[-+]?\d+", value):
            return False
        bound = int(self.values[0])
        return int(value) > bound if self.operator == "gt" else int(value) < bound


LabelSelector = tuple[Requirement, ...]


def matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Say whether the labels satisfy every term; an empty selector takes all."""
    return all(requirement.matches(labels) for requirement in selector)


def parse_labels(text: str) -> LabelSelector:
    """Parse the query parameter `labelSelector`; raise the 400 of the real server."""
    return _Parser(text).parse()


def from_object(selector: Mapping[str, Any] | None) -> LabelSelector:
    """Convert a `metav1.LabelSelector` (matchLabels, matchExpressions)."""
    selector = selector or {}
    terms = [
        Requirement(key, "in", (value,))
        for key, value in sorted((selector.get("matchLabels") or {}).items())
    ]
    names_of = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}
    for term in selector.get("matchExpressions") or ():
        operator = names_of[term["operator"]]
        terms.append(
            Requirement(term["key"], operator, tuple(term.get("values") or ()))
        )
    return tuple(terms)


class _Parser:
    def __init__(self, text: str) -> None:
        stripped = text.strip()
        self._items = _LEXEME.findall(stripped)
        self._at = 0

    def parse(self) -> LabelSelector:
        terms: list[Requirement] = []
        if not self._items:
            return ()
        if not _starts_term(self._items[0]):
            raise bad_request(
                f"found '{self._items[0]}', expected: !, identifier, or 'end of string'"
            )
        while True:
            terms.append(self._requirement())
            item = self._next()
            if not item:
                return tuple(sorted(terms, key=lambda term: term.key))
            if item != ",":
                raise bad_request(f"found '{item}', expected: ',' or 'end of string'")
            if not _starts_term(self._peek()):
                raise bad_request(
                    f"found '{self._peek()}', expected: identifier after ','"
                )

    def _peek(self) -> str:
        return self._items[self._at] if self._at < len(self._items) else ""

    def _next(self) -> str:
        item = self._peek()
        self._at += 1
        return item

    def _requirement(self) -> Requirement:
        negated = self._peek() == "!"
        if negated:
            self._next()
        key = self._next()
        if not key or key in _SYMBOLS:
            raise _unparsable(f"found '{key}', expected: identifier")
        for text in names.qualified_name(key):
            raise _unparsable(str(field_errors.invalid("<nil>", key, text)))
        following = self._peek()
        if negated:
            return Requirement(key, "!")
        if following in ("", ","):
            return Requirement(key, "exists")
        operator = {">": "gt", "<": "lt"}.get(following, following)
        if operator not in _OPERATORS:
            expected = ", ".join(_OPERATORS)
            raise _unparsable(f"found '{following}', expected: {expected}")
        self._next()
        is_set = operator in ("in", "notin")
        values = self._set() if is_set else (self._exact_value(),)
        self._check_values(key, operator, values)
        operator = {"=": "in", "==": "in", "!=": "notin"}.get(operator, operator)
        return Requirement(key, operator, values)

    def _exact_value(self) -> str:
        if self._peek() in ("", ","):
            return ""
        value = self._next()
        if value in _SYMBOLS:
            raise _unparsable(f"found '{value}', expected: identifier")
        return value

    def _set(self) -> tuple[str, ...]:
        item = self._next()
        if item != "(":
            raise _unparsable(f"found '{item}' expected: '('")
        values: list[str] = []
        expect_value = True
        while True:
            item = self._next()
            if item == ")":
                if expect_value:
                    values.append("")
                return tuple(sorted(set(values)))
            if item == ",":
                if expect_value:
                    values.append("")
                expect_value = True
            elif item and expect_value:
                values.append(item)
                expect_value = False
            else:
                raise _unparsable(f"found '{item}', expected: ',' or ')'")

    def _check_values(self, key: str, operator: str, values: tuple[str, ...]) -> None:
        for index, value in enumerate(values):
            if operator in ("gt", "lt") and not re.fullmatch(r"[-+]?\d+", value):
                text = "for 'Gt', 'Lt' operators, the value must be an integer"
                raise _unparsable(
                    str(field_errors.invalid(f"values[{index}]", value, text))
                )
            for text in names.label_value(value):
                field = f"values[{index}][{key}]"
                raise _unparsable(str(field_errors.invalid(field, value, text)))


def _starts_term(item: str) -> bool:
    return item == "!" or (item != "" and item not in _SYMBOLS)


def _unparsable(detail: str) -> ApiError:
    return bad_request(f"unable to parse requirement: {detail}")


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field selector: a dotted path and the value it has or hasn't."""

    path: str
    value: str
    negated: bool = False


FieldSelector = tuple[FieldTerm, ...]


def parse_fields(text: str, supported: Mapping[str, Any]) -> FieldSelector:
    """Parse the query parameter `fieldSelector`; `supported` holds the kind's paths."""
    terms = []
    for part in _split_escaped(text):
        if not part:
            continue
        found = re.match(r"((?:\\.|[^=!\\])+)(!=|==|=)(.*)\Z", part, re.S)
        if not found:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        path, operator, value = found.groups()
        if path not in supported:
            raise bad_request(f"field label not supported: {path}")
        plain = re.sub(r"\\(.)", r"\1", value)
        terms.append(FieldTerm(path, plain, operator == "!="))
    return tuple(terms)


def _split_escaped(text: str) -> list[str]:
    return re.findall(r"(?:\\.|[^,\\])+", text)
