"""Images on a node: pulling, back-off, and what the registry's refusals look like."""

from dataclasses import dataclass

from harness.simulator.clock import Clock
from harness.simulator.kube_api.kubelet.problems import NotYetError
from harness.simulator.kube_api.pauses import scaled
from harness.simulator.runtime import Image, Images, InvalidReferenceError, Pull
from harness.simulator.runtime.images import canonical

_FIRST_BACKOFF_S, _MOST_BACKOFF_S = 10.0, 300.0
_DOCKER_REGISTRY = "registry-1.docker.io"


@dataclass(slots=True)
class _Backoff:
    seconds: float
    until: float
    problem: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulled:
    """An image that can be used, and what the Pulled event says."""

    image: Image
    message: str


class NodeImages:
    """What one node has, and what it has failed to get."""

    def __init__(self, registered: Images, clock: Clock) -> None:
        self._registered = registered
        self._clock = clock
        self._present: set[str] = set()
        self._backoffs: dict[tuple[str, str], _Backoff] = {}

    def is_present(self, reference: str) -> bool:
        """Say whether the node needs no pull: registered with nothing to wait for."""
        found = self._registered.get(reference)
        if found is None or found.pull is not Pull.OK:
            return False
        return found.pull_s == 0 or found.id in self._present

    def needs_pull(self, reference: str, policy: str) -> bool:
        """Say whether the pull policy asks the registry."""
        if policy == "Never":
            return False
        return policy == "Always" or not self.is_present(reference)

    def present(self, reference: str) -> Pulled:
        """Return an image without a pull; raise NotYetError where Never forbids one."""
        found = self._registered.get(reference)
        if found is None or not self.is_present(reference):
            text = (
                f'Container image "{reference}" is not present with pull policy of '
                "Never"
            )
            raise NotYetError("ErrImageNeverPull", text)
        text = f'Container image "{reference}" already present on machine'
        return Pulled(image=found, message=text)

    def check_backoff(self, pod_uid: str, reference: str) -> None:
        """Raise NotYetError while the last failure is too fresh."""
        backoff = self._backoffs.get((pod_uid, reference))
        if backoff is not None and self._clock.monotonic() < backoff.until:
            text = (
                f'Back-off pulling image "{reference}": ErrImagePull: {backoff.problem}'
            )
            raise NotYetError("ImagePullBackOff", text)

    async def pull(self, pod_uid: str, reference: str) -> Pulled:
        """Ask the registry; raise NotYetError with its refusal."""
        start = self._clock.monotonic()
        found = self._registered.get(reference)
        problem = _refusal(reference, found)
        if found is not None and found.pull_s:
            await self._clock.sleep(found.pull_s)
        if problem or found is None:
            self._back_off((pod_uid, reference), problem)
            raise NotYetError("ErrImagePull", problem)
        self._backoffs.pop((pod_uid, reference), None)
        self._present.add(found.id)
        took = _go_duration(self._clock.monotonic() - start)
        text = (
            f'Successfully pulled image "{reference}" in {took} ({took} including '
            "waiting). Image size: 0 bytes."
        )
        return Pulled(image=found, message=text)

    def _back_off(self, key: tuple[str, str], problem: str) -> None:
        known = self._backoffs.get(key)
        seconds = min(known.seconds * 2, _MOST_BACKOFF_S) if known else _FIRST_BACKOFF_S
        until = self._clock.monotonic() + scaled(self._clock, seconds)
        self._backoffs[key] = _Backoff(seconds, until, problem)


def check_name(reference: str) -> None:
    """Raise NotYetError for a name that no image can have."""
    try:
        canonical(reference)
    except InvalidReferenceError as problem:
        words = str(problem).replace(
            "repository name must", f"repository name ({problem.repository}) must"
        )
        text = (
            f'Failed to apply default image tag "{reference}": couldn\'t parse image '
            f'name "{reference}": {words}'
        )
        raise NotYetError("InvalidImageName", text) from None


def status_name(reference: str) -> str:
    """Return an image's name as a started container's status has it."""
    try:
        return canonical(reference)
    except InvalidReferenceError:
        return reference


def status_id(image: Image) -> str:
    """Return `docker.io/library/debian@sha256:…`."""
    return f"{canonical(image.name).partition('@')[0].rpartition(':')[0]}@{image.id}"


def _refusal(reference: str, found: Image | None) -> str:
    name = canonical(reference)
    outcome = found.pull if found is not None else Pull.MISSING
    if outcome is Pull.OK:
        return ""
    prefix = (
        f'failed to pull and unpack image "{name}": failed to resolve reference '
        f'"{name}": '
    )
    domain, _, path = name.partition("/")
    host = _DOCKER_REGISTRY if domain == "docker.io" else domain
    repository, _, tag = path.rpartition(":")
    if outcome is Pull.DENIED:
        return (
            f"{prefix}pull access denied, repository does not exist or may require "
            "authorization: server message: insufficient_scope: authorization failed"
        )
    if outcome is Pull.UNREACHABLE:
        url = f"https://{host}/v2/{repository}/manifests/{tag}"
        return (
            f'{prefix}failed to do request: Head "{url}": dial tcp: lookup {host}: '
            "no such host"
        )
    return f"{prefix}{name}: not found"


def _go_duration(seconds: float) -> str:
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + "s"
