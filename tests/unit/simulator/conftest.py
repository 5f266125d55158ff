"""Coroutine tests run in a loop of their own; parts are given a clock and ids."""

import asyncio
import inspect

import pytest

from harness.simulator.clock import Pace, SystemClock
from harness.simulator.ids import Ids


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run ``async def`` tests."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(pyfuncitem.obj(**arguments))
    return True


@pytest.fixture
def clock() -> SystemClock:
    """The machine's clock, at the fast pace."""
    return SystemClock(Pace.FAST)


@pytest.fixture
def ids() -> Ids:
    """Ids of a fixed seed."""
    return Ids("tests")
