"""What a test may need of the machine, beyond what pip installs."""

import os
import signal

import pytest

# a shell has what it starts in the background ignore Ctrl-C, which tests are about
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)

REQUIRE = "QFC_REQUIRE_NAMESPACES"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs user namespaces where they are forbidden; CI requires them."""
    needing = [item for item in items if item.get_closest_marker("namespaces")]
    if not needing or os.environ.get(REQUIRE) == "1":
        return
    from harness.simulator.runtime import isolation

    found = isolation.probe()
    if found.kind is isolation.Kind.NAMESPACES:
        return
    skip = pytest.mark.skip(reason=f"no namespaces here: {found.reason}")
    for item in needing:
        item.add_marker(skip)
