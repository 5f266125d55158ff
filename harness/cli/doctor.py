"""``qfc-harness doctor``: facts as text or JSON."""

import dataclasses
import json
import sys

from .. import doctor as examination
from .. import settings as harness_settings
from ..options import AsJson
from ..screen import Screen, print_doctor


def doctor(
    as_json: AsJson = False,
) -> None:
    """Say what this machine has, what each environment needs, and what to do."""
    facts = examination.examine(harness_settings.from_environ())
    ready = examination.ready(facts)
    if as_json:
        content = {
            "facts": [dataclasses.asdict(fact) for fact in facts],
            "ready": {name: not missing for name, missing in ready.items()},
        }
        sys.stdout.write(json.dumps(content, indent=1) + "\n")
    else:
        print_doctor(Screen(), facts, ready)
