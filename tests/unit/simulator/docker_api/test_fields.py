"""Tests of the table of fields."""

import pytest

from harness.simulator.docker_api import fields
from harness.simulator.docker_api.errors import ApiError


def test_every_field_is_named_once() -> None:
    """Two rows of one name would hide each other."""
    for table in (fields.CONFIG, fields.HOST_CONFIG):
        names = [field.name for field in table]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"Memory": "1g"}, "cannot unmarshal string into Go struct field H.Memory"),
        (
            {"Binds": "x"},
            "cannot unmarshal string into Go struct field H.Binds of type",
        ),
        ({"Binds": ["x", 1]}, "cannot unmarshal number into Go struct field H.Binds"),
    ],
)
def test_types(body: dict[str, object], message: str) -> None:
    """As Go's decoder says it."""
    with pytest.raises(ApiError, match=message):
        fields.check_types(body, fields.HOST_CONFIG, "H")


@pytest.mark.parametrize(
    "body",
    [
        {"Privileged": True},
        {"CapAdd": ["SYS_ADMIN"]},
        {"PidMode": "host"},
        {"IpcMode": "host"},
        {"ReadonlyRootfs": True},
        {"Ulimits": [{"Name": "nofile"}]},
        {"Devices": [{}]},
        {"SecurityOpt": ["seccomp=unconfined"]},
    ],
    ids=str,
)
def test_what_would_change_something_is_refused(body: dict[str, object]) -> None:
    """As a gap that names the field and the file."""
    (gap,) = fields.refused(body, fields.HOST_CONFIG)
    assert gap.status == 501
    assert next(iter(body)) in gap.message
    assert "fields.py" in gap.message


@pytest.mark.parametrize(
    "body",
    [
        {"Privileged": False},
        {"CapAdd": []},
        {"PidMode": ""},
        {"IpcMode": "private"},
        {"SecurityOpt": ["no-new-privileges"]},
        {"Isolation": "default"},
        {"BlkioWeight": 0, "Ulimits": None},
        {"NotOfThisApi": 1},
    ],
    ids=str,
)
def test_what_changes_nothing_is_accepted(body: dict[str, object]) -> None:
    """Clients send many fields with their empty value."""
    assert not list(fields.refused(body, fields.HOST_CONFIG))
