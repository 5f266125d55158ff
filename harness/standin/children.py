"""What the forked children of the stand-in do; runs inside the zygote's children."""

import importlib
import json
import os
import socket
from pathlib import Path


def migrate() -> int:
    """Make the schema in the database that the environment names."""
    importlib.import_module("qfieldcloud.configure").apply(os.environ)
    management = importlib.import_module("django.core.management")
    management.call_command("migrate", verbosity=0)
    return 0


def serve(ready: str, host: str = "127.0.0.1") -> int:
    """Serve the stand-in; its port is written to the file ``ready``."""
    importlib.import_module("qfieldcloud.configure").apply(os.environ)
    with socket.socket() as listener:
        listener.bind((host, 0))
        listener.listen(64)
        port = listener.getsockname()[1]
        partial = Path(f"{ready}.partial")
        partial.write_text(json.dumps({"port": port}))
        partial.rename(ready)
        importlib.import_module("qfieldcloud.server").serve(listener)
    return 0
