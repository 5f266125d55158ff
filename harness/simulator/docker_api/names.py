"""Names of containers: which are allowed, and those made up."""

import re

from harness.simulator.docker_api.errors import InvalidError
from harness.simulator.ids import Ids

_ALLOWED = "[a-zA-Z0-9][a-zA-Z0-9_.-]"
_NAME = re.compile(f"{_ALLOWED}+")
_LEFT = (
    *("admiring", "bold", "brave", "busy", "clever", "cool", "dazzling", "eager"),
    *("elated", "fervent", "focused", "gallant", "gifted", "happy", "hopeful"),
    *("jolly", "keen", "laughing", "modest", "nifty", "optimistic", "peaceful"),
    *("quirky", "relaxed", "serene", "sharp", "stoic", "tender", "upbeat", "vibrant"),
    *("wizardly", "xenodochial", "youthful", "zealous"),
)
_RIGHT = (  # of geodesy and cartography
    *("agnes", "airy", "albers", "anaximander", "battuta", "behaim", "bessel"),
    *("bonne", "cassini", "clarke", "eckert", "eratosthenes", "everest", "gall"),
    *("gauss", "goode", "hayford", "helmert", "hipparchus", "idrisi", "kruger"),
    *("lambert", "mercator", "mollweide", "ortelius", "piri", "ptolemy", "robinson"),
    *("snellius", "strabo", "struve", "tharp", "tissot", "vincenty", "west"),
)


def check(name: str, *, shown: str | None = None) -> str:
    """The name without its leading slash; raises InvalidError."""
    bare = name.removeprefix("/")
    if not _NAME.fullmatch(bare):
        text = shown if shown is not None else name
        raise InvalidError(
            f"Invalid container name ({text}), only {_ALLOWED} are allowed"
        )
    return bare


def make_up(ids: Ids, attempt: int) -> str:
    """``adjective_surname``, with a digit from the second attempt on."""
    name = f"{ids.choice(_LEFT)}_{ids.choice(_RIGHT)}"
    return f"{name}{ids.integer(0, 9)}" if attempt else name
