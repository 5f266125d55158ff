"""``docs/known-differences.md``, made of the two tables."""

from collections.abc import Iterable

from ..parity import table as parity_table
from ..parity.known import Known
from . import table

HEAD = """\
# Known differences

Made by `qfc-harness fidelity --page`; a test fails when it is stale.

Every field of a cell that is compared is in `harness/parity/facts.py`. A field that
differs and that no row below explains is a failure. A row excuses no more than the
values that it names.
"""
PARITY = """
## Docker and Kubernetes

`qfc-harness run` puts the two backends of each scenario beside each other (*parity*).
What differs is one of these, or a failed check `parity.fields`.
"""
FIDELITY = """
## Simulated and real

`qfc-harness fidelity` runs the same scenarios on the simulator and on the real thing.
What differs is one of these, or is mended in the simulator.
"""


def page() -> str:
    """The page's text."""
    parts = [HEAD, PARITY, *_rows(parity_table.KNOWN, "Docker", "Kubernetes")]
    parts += [FIDELITY, *_rows(table.KNOWN, "simulated", "real")]
    return "".join(parts)


def _rows(rows: Iterable[Known], left: str, right: str) -> Iterable[str]:
    for row in rows:
        fields = ", ".join(f"`{one}`" for one in row.fields)
        yield (
            f"\n### {row.id}\n\n{row.what}\n{row.reason}\n\n"
            f"- fields: {fields}\n"
            f"- {left}: `{row.left}`; {right}: `{row.right}`\n"
        )
        if row.unless:
            yield f"- only while `{row.unless}` is equal\n"
        if row.only_in:
            yield f"- only in: {', '.join(row.only_in)}\n"
        if row.backend:
            yield f"- only on {row.backend}\n"
        if len(row.proofs) == 1:
            yield f"- only where it is {row.proofs[0]}\n"
        yield f"- seen in: {row.seen_in}\n- documented: <{row.link}>\n"
