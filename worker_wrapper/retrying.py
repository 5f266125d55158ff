"""Trying again: pauses that grow, until the patience has run out."""

import logging
import random
import time

logger = logging.getLogger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0


class Retrying:
    """The tries of one call.

    :param patience_s: from now on; a pause that would end later isn't begun
    """

    def __init__(self, patience_s: float) -> None:
        self._until = time.monotonic() + patience_s
        self._wait = FIRST_WAIT_S

    def pause(self, problem: object, retry_after_s: float = 0.0) -> bool:
        """Wait before the next try; False, at once, where there is no time for it.

        :param retry_after_s: what the API asks for; never waited less than that
        """
        # not all replicas at once, when an API comes back
        seconds = max(retry_after_s, self._wait * random.uniform(0.8, 1.2))  # noqa: S311
        if time.monotonic() + seconds > self._until:
            return False
        logger.warning("%s; trying again in %.1f s", problem, seconds)
        time.sleep(seconds)
        self._wait = min(2 * self._wait, LONGEST_WAIT_S)
        return True
