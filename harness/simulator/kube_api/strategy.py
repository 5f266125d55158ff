"""What differs between kinds when they are written: a row's hooks, all pure.

The generic verbs call them in the order of the real server: `default`, admission,
`prepare_create` or `prepare_update`, `validate` or `validate_update`, `warnings`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.simulator.kube_api.field_errors import FieldError
from harness.simulator.kube_api.objects import Object

FieldErrors = list[FieldError]


def _nothing(_obj: Object) -> None:
    """Leave the object as it is."""


def _leave(_new: Object, _old: Object) -> None:
    """Leave the new object as it is."""


def _valid(_obj: Object) -> FieldErrors:
    return []


def _valid_update(_new: Object, _old: Object) -> FieldErrors:
    return []


def _no_warnings(_obj: Object) -> Sequence[str]:
    return ()


def _same(obj: Object) -> Object:
    return obj


@dataclass(frozen=True, kw_only=True, slots=True)
class Strategy:
    """The hooks of one kind. Those that get a fresh object may change it in place."""

    default: Callable[[Object], None] = _nothing
    prepare_create: Callable[[Object], None] = _nothing
    settle: Callable[[Object], None] = _nothing
    """Adds what only shows when the object is read back; called after `validate`."""
    prepare_update: Callable[[Object, Object], None] = _leave
    validate: Callable[[Object], FieldErrors] = _valid
    validate_update: Callable[[Object, Object], FieldErrors] = _valid_update
    """Gets (new, old); called after `validate(new)`."""
    warnings: Callable[[Object], Sequence[str]] = _no_warnings
    unmodelled: Callable[[Object], Sequence[str]] = _no_warnings
    """Paths of fields that would change behaviour and are not modelled: 501."""
    to_stored: Callable[[Object], Object] = _same
    """Converts from the row's version to the one that is stored."""
    from_stored: Callable[[Object], Object] = _same
