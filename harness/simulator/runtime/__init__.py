"""Runs a `Workload` as real processes; both APIs stand on it.

What they use: `Runtime` (start), `Process` (wait, signal, kill), `ContainerLog`,
`Images`, and the records of `workload`.
"""

from harness.simulator.runtime.images import (
    Image,
    Images,
    InvalidReferenceError,
    Pull,
)
from harness.simulator.runtime.isolation import Isolation
from harness.simulator.runtime.log import STDERR, STDOUT, ContainerLog, Record
from harness.simulator.runtime.process import Process
from harness.simulator.runtime.runtime import Runtime
from harness.simulator.runtime.workload import (
    Exit,
    Mount,
    OomScope,
    StartError,
    StartFailure,
    Workload,
)

__all__ = [
    "STDERR",
    "STDOUT",
    "ContainerLog",
    "Exit",
    "Image",
    "Images",
    "InvalidReferenceError",
    "Isolation",
    "Mount",
    "OomScope",
    "Process",
    "Pull",
    "Record",
    "Runtime",
    "StartError",
    "StartFailure",
    "Workload",
]
