"""The faults of a cell, as the tap takes them."""

from collections.abc import Iterator

from ..scenario.cells import Cell
from ..tap import faults as tap


def of_cell(cell: Cell) -> tuple[tap.Fault, ...]:
    """Those of the cell's backend, numbered as in the scenario."""
    return tuple(_of_cell(cell))


def _of_cell(cell: Cell) -> Iterator[tap.Fault]:
    for number, fault in enumerate(cell.scenario.faults, start=1):
        if cell.backend in fault.backends:
            yield tap.Fault(
                number=number,
                at=fault.at,
                kind=fault.do or tap.ANSWER,
                status=fault.answer or 0,
                retry_after_s=fault.retry_after_s,
                nth=fault.nth,
                times=fault.times,
                after=fault.after,
                seconds=fault.for_s or 0.0,
            )
