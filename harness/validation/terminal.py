"""What the terminal shows of a plan, before anything is made."""

from collections.abc import Iterator

from ..preflight.model import Plan


def plan_lines(plan: Plan, namespace: str) -> Iterator[str]:
    """All that would be done."""
    yield f"The real jobs would make in the namespace {namespace}, and remove again:"
    for one in plan.objects:
        yield f"  {one.kind:10} {one.name}: {one.purpose}"
    yield (
        f"With the image {', '.join(plan.images)}, one pod at a time: "
        + ", ".join(filter(None, (plan.cpu, plan.memory, plan.storage)))
        + f"; {plan.minutes} minutes at the most."
    )
    yield f"If it is killed in the middle: {plan.clean_up}"
    yield f"Plan {plan.hash}: --yes-plan {plan.hash} accepts exactly this."
