"""What an operation is refused with: an HTTP status and the engine's own words."""


class ApiError(Exception):
    """Answered as ``{"message": …}`` with its status."""

    status = 500

    @property
    def message(self) -> str:
        """The text of the answer."""
        return str(self)


class InvalidError(ApiError):
    """The request can't be meant like this."""

    status = 400


class ForbiddenError(ApiError):
    """Not possible with this object, whatever its state."""

    status = 403


class NotFoundError(ApiError):
    """No such object."""

    status = 404


class ConflictError(ApiError):
    """Not possible in the object's state."""

    status = 409


class NotModifiedError(ApiError):
    """Nothing to do; answered without a body."""

    status = 304


class GapError(ApiError):
    """The real engine can do it, this one doesn't model it.

    The message says what is missing and which file would have it.
    """

    status = 501


def not_modelled(what: str, file: str) -> GapError:
    """The error for something that is refused instead of half done."""
    return GapError(
        f"the simulator does not model {what}; to add it, extend "
        f"harness/simulator/docker_api/{file}"
    )
