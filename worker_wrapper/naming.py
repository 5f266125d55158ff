"""Names and labels that the backends accept, without two jobs ever sharing one.

Kubernetes allows 63 characters of ``[A-Za-z0-9._-]`` in a label value, and a DNS label
as the name of a Job. What doesn't fit is shortened and gets a hash of the whole, so
that different texts stay different.
"""

import hashlib
import re

MAXIMUM = 63


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def label_value(text: str) -> str:
    """The text as a Kubernetes label value; itself where it is one already."""
    if re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?", text):
        return text
    legal = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    return f"{legal[: MAXIMUM - 9].rstrip('-._')}-{_digest(text)}".lstrip("-")


def dns_label(text: str, *, maximum: int = MAXIMUM) -> str:
    """The text as a DNS label of ``maximum`` characters; itself where it is one."""
    if len(text) <= maximum and re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", text):
        return text
    legal = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")
    return f"{legal[: maximum - 9].rstrip('-')}-{_digest(text)}".lstrip("-")


def worker_name(environment: str, job_id: str) -> str:
    """The name of a job's container or Kubernetes Job: the same at each try.

    A create that is tried again thus finds what the first try made.
    """
    return f"qfc-{dns_label(environment, maximum=22)}-{job_id}"


def app_label(environment: str) -> str:
    """The value of the label ``app``, by which an ENVIRONMENT's workers are found."""
    return f"{environment}_worker"
