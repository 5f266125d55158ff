"""Docker Engine API and Kubernetes API, served over HTTP, running real processes.

One process (``python -m harness.simulator``) serves both. It imports nothing else
of ``harness``: any client, in any language, is driven against it as it is.
"""

VERSION = "0.1"
"""Sent with every answer, so that nobody takes the simulator for the real thing."""

MARKER_HEADER = "X-Qfc-Simulator"
