"""The secret values that a validation comes to know; none may be written anywhere."""

from ..preflight.course import Course
from ..preflight.values import is_secret


def known_secrets(course: Course) -> dict[str, str]:
    """Values of secret settings, and the credentials of the kubeconfig, by name."""
    found: dict[str, str] = {}
    if course.given is not None:
        settings = course.given.values or {}
        found = {name: value for name, value in settings.items() if is_secret(name)}
    if course.reader is not None:
        found["the kubeconfig's token"] = course.reader.access.token
    return {name: value for name, value in found.items() if value}
