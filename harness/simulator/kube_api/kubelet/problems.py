"""Why a pod or container can't go on now, in the words that status and events use."""


class NotYetError(Exception):
    """A container can't start now; the kubelet tries again.

    `reason` is the waiting reason: ErrImagePull, CreateContainerConfigError, …
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class MountError(Exception):
    """A volume can't be set up now; the message is that of the FailedMount event."""


def config_error(message: str) -> NotYetError:
    """Return the problem of a container whose configuration can't be resolved."""
    return NotYetError("CreateContainerConfigError", message)
