"""What a validation is given, before it looks at the cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .rendering import Rendered


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """Frozen at the start; all of a check's input besides the evidence."""

    run_id: str
    namespace: str
    rendered: Rendered
    service_account: str = "qfieldcloud-worker"
    """The wrapper's."""
    values: Mapping[str, str] | None = None
    """The operator's settings; None where no file was given."""
    replicas: int = 1
    real_jobs: bool = False
    claims: tuple[Mapping[str, Any], ...] = ()
    """Those of the shipped manifests that the settings name."""
    client_version: str = ""
    """Of the Kubernetes client that is installed here."""
    harness_version: str = ""

    @property
    def account_user(self) -> str:
        """How the API knows the wrapper's ServiceAccount."""
        return f"system:serviceaccount:{self.namespace}:{self.service_account}"

    @property
    def account_groups(self) -> tuple[str, ...]:
        """The groups that the API server adds to a ServiceAccount."""
        return (
            "system:serviceaccounts",
            f"system:serviceaccounts:{self.namespace}",
            "system:authenticated",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the command line asks for."""

    command: str
    kubeconfig: Path
    context: str = ""
    namespace: str = ""
    values: Path | None = None
    subject: str = "worker_wrapper"
    profile: Path | None = None
    service_account: str = ""
    """"" for the one that the settings name."""
    replicas: int = 1
    yes: bool = False
    yes_plan: str = ""
    only_plan: bool = False
    require_proof: bool = False
    create_namespace: bool = False
    each_rule: bool = False
    """Whole jobs also without one rule of the Role each."""
    waivers: Path | None = None
