"""One cluster: its store, and what everybody needs to read and write it."""

from dataclasses import dataclass, field

from harness.simulator.ids import Ids
from harness.simulator.kube_api.admission.chain import Chain
from harness.simulator.kube_api.auth.authentication import Authenticator
from harness.simulator.kube_api.auth.rbac import Rbac
from harness.simulator.kube_api.auth.tokens import Tokens
from harness.simulator.kube_api.container_logs import ContainerLogs
from harness.simulator.kube_api.deleter import Deleter
from harness.simulator.kube_api.store import Store
from harness.simulator.kube_api.writer import Writer
from harness.simulator.world import World


@dataclass(slots=True)
class Address:
    """Where the API server can be reached from a container; set by the first call."""

    value: tuple[str, int] = ("127.0.0.1", 443)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """What handlers, controllers, scheduler and kubelets are given."""

    world: World
    store: Store
    ids: Ids
    tokens: Tokens
    authenticator: Authenticator
    rbac: Rbac
    writer: Writer
    deleter: Deleter
    logs: ContainerLogs
    address: Address = field(default_factory=Address)


def make(world: World) -> Cluster:
    """Return an empty cluster."""
    ids = world.ids.stream("kubernetes")
    store = Store()
    tokens = Tokens(world.clock, ids.stream("tokens"))
    admission = Chain(store, ids.stream("admission"), world.injected)
    return Cluster(
        world=world,
        store=store,
        ids=ids,
        tokens=tokens,
        authenticator=Authenticator(store, tokens, world.admin_token),
        rbac=Rbac(store),
        writer=Writer(store, world.clock, ids.stream("names"), admission),
        deleter=Deleter(store, world.clock, admission),
        logs=ContainerLogs(world.directory / "kube_api" / "logs", world.clock),
    )
