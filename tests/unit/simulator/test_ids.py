"""Tests of the seeded ids."""

import re
import uuid

from harness.simulator.ids import SUFFIX_ALPHABET, Ids


def test_one_seed_one_sequence() -> None:
    """The same seed gives the same ids, another one others."""
    first, second, other = Ids(7), Ids(7), Ids(8)
    sequence = [first.hex(), first.uid(), first.suffix()]
    assert sequence == [second.hex(), second.uid(), second.suffix()]
    assert sequence[0] != other.hex()


def test_streams_do_not_disturb_each_other() -> None:
    """What one part draws changes nothing for another."""
    quiet, busy = Ids(7), Ids(7)
    for _ in range(5):
        busy.stream("docker").hex()
        busy.hex()
    assert quiet.stream("kube").hex() == busy.stream("kube").hex()
    assert quiet.stream("kube").hex() != quiet.stream("docker").hex()


def test_shapes() -> None:
    """64 hexadecimal digits, a version 4 UUID, a suffix without vowels."""
    ids = Ids(1)
    assert re.fullmatch("[0-9a-f]{64}", ids.hex())
    assert re.fullmatch("[0-9a-f]{12}", ids.hex(12))
    assert uuid.UUID(ids.uid()).version == 4
    assert set(ids.suffix(200)) <= set(SUFFIX_ALPHABET)


def test_numbers_are_within_their_range() -> None:
    """Both ends belong to the range."""
    ids = Ids(1)
    assert {ids.integer(1, 3) for _ in range(100)} == {1, 2, 3}
    assert all(2.0 <= ids.uniform(2, 3) <= 3.0 for _ in range(100))
