"""Ids and random choices, all from one seed.

Each part draws from a stream of its own (``ids.stream("docker")``), so that one part
asking for one id more doesn't change what another part gets.
"""

import random
import uuid
from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")

SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes makes generated names from: no vowels, no 0, 1, 3."""


class Ids:
    """A seeded source. Never for secrets: whoever knows the seed knows them."""

    def __init__(self, seed: int | str) -> None:
        self.seed = seed
        self._random = random.Random(f"qfc-simulator:{seed}")  # noqa: S311 see above

    def stream(self, name: str) -> "Ids":
        """An independent source, the same for the same seed and name."""
        return Ids(f"{self.seed}/{name}")

    def hex(self, length: int = 64) -> str:
        """Lower-case hexadecimal digits: Docker's ids."""
        return f"{self._random.getrandbits(4 * length):0{length}x}"

    def uid(self) -> str:
        """A random (version 4) UUID: Kubernetes' uids."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def suffix(self, length: int = 5) -> str:
        """The end of a generated name in Kubernetes."""
        return "".join(self._random.choices(SUFFIX_ALPHABET, k=length))

    def choice(self, items: Sequence[_T]) -> _T:
        """One of the items."""
        return self._random.choice(items)

    def integer(self, low: int, high: int) -> int:
        """From ``low`` to ``high``, both included."""
        return self._random.randint(low, high)

    def uniform(self, low: float, high: float) -> float:
        """A delay drawn evenly from a range."""
        return self._random.uniform(low, high)
