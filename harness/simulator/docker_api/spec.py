"""What a client asks for when it creates a container, checked and merged.

The body of the request and the image's own configuration become a `Spec`, which is
what inspect shows and what starts the container. The order of the checks is the
engine's: a client sees the first error only.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.simulator.docker_api import fields, limits
from harness.simulator.docker_api.errors import (
    InvalidError,
    not_modelled,
)
from harness.simulator.docker_api.signals import UnknownSignalError, parse_signal
from harness.simulator.runtime import Image

_LOG_DRIVERS = (
    *("awslogs", "fluentd", "gcplogs", "gelf", "journald", "local", "logentries"),
    *("none", "splunk", "syslog"),
)
_RESTART_POLICIES = ("always", "unless-stopped", "on-failure")
_PORT = re.compile(r"(\d+)(?:-\d+)?(?:/(tcp|udp|sctp))?")

Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spec:
    """A container as it was asked for; all in Docker's own names and units."""

    config: dict[str, Any]
    host: dict[str, Any]
    networking: dict[str, Any]
    """Network name to EndpointSettings, as given."""

    @property
    def argv(self) -> tuple[str, ...]:
        """Entrypoint and command together."""
        return (*(self.config["Entrypoint"] or ()), *(self.config["Cmd"] or ()))

    @property
    def labels(self) -> dict[str, str]:
        """Its labels, the image's included."""
        labels: dict[str, str] = self.config["Labels"] or {}
        return labels

    @property
    def env(self) -> dict[str, str]:
        """Variables with a value; a bare name is unset."""
        pairs = (item.partition("=") for item in self.config["Env"] or ())
        return {name: value for name, equals, value in pairs if equals}

    @property
    def stop_signal(self) -> int:
        """What ``stop`` sends first."""
        return parse_signal(self.config.get("StopSignal") or "SIGTERM")

    @property
    def stop_timeout_s(self) -> int:
        """How long ``stop`` waits before it kills."""
        timeout = self.config.get("StopTimeout")
        return 10 if timeout is None else int(timeout)


def check_body(body: Any) -> Body:
    """The types of all fields; raises ApiError as Go's decoder would."""
    if body is None:
        raise InvalidError("Config cannot be empty in order to create a container")
    fields.check_types(body, fields.CONFIG, "ContainerConfigWrapper")
    host = body.get("HostConfig") or {}
    fields.check_types(host, fields.HOST_CONFIG, "HostConfig.HostConfig")
    for gap in (
        *fields.refused(body, fields.CONFIG),
        *fields.refused(host, fields.HOST_CONFIG),
    ):
        raise gap
    checked: Body = body
    return checked


def make(body: Body, image: Image) -> Spec:
    """The spec for a checked body; raises ApiError for what can't be."""
    given_host = body.get("HostConfig") or {}
    config = fields.with_defaults(body, fields.CONFIG)
    host = fields.with_defaults(given_host, fields.HOST_CONFIG)
    _merge(config, image)
    if not (config["Entrypoint"] or config["Cmd"]):
        raise InvalidError("No command specified")
    _check_config(config)
    limits.check(host)
    _check_host(host)
    networking = (body.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    if len(networking) > 1:
        names = ", ".join(sorted(networking))
        raise InvalidError(
            f"Container cannot be connected to network endpoints: {names}"
        )
    for name in fields.OMITTED:
        if config[name] is None or config[name] in ("", {}, []):
            del config[name]
    for name in fields.OMITTED_HOST:
        if not host[name]:
            del host[name]
    return Spec(config=config, host=host, networking=dict(networking))


def _merge(config: dict[str, Any], image: Image) -> None:
    """The image's configuration where the client gave none."""
    config["Entrypoint"] = _words(config["Entrypoint"])
    config["Cmd"] = _words(config["Cmd"]) or None
    if not config["Entrypoint"]:
        if config["Cmd"] is None:
            config["Cmd"] = list(image.cmd) or None
        if config["Entrypoint"] is None:
            config["Entrypoint"] = list(image.entrypoint) or None
    if config["Entrypoint"] == [""]:
        config["Entrypoint"] = None  # how a client clears the image's
    given = [item.partition("=")[0] for item in config["Env"] or ()]
    env = [f"{name}={v}" for name, v in image.env.items() if name not in given]
    config["Env"] = [*(config["Env"] or ()), *env]
    config["Labels"] = {**image.labels, **(config["Labels"] or {})}
    config["User"] = config["User"] or image.user
    default = "" if image.workdir == "/" else image.workdir
    config["WorkingDir"] = config["WorkingDir"] or default


def _words(value: Any) -> list[str] | None:
    """A list of words; clients may send a single one as a string."""
    if value is None:
        return None
    return [value] if isinstance(value, str) else [str(word) for word in value]


def _check_config(config: dict[str, Any]) -> None:
    workdir = config["WorkingDir"]
    if workdir and not workdir.startswith("/"):
        raise InvalidError(
            f"the working directory '{workdir}' is invalid, it needs to be an "
            "absolute path"
        )
    if workdir:
        config["WorkingDir"] = posixpath.normpath(workdir)
    for item in config["Env"]:
        if not item.partition("=")[0]:
            raise InvalidError(f"invalid environment variable: {item}")
    if config["StopSignal"]:
        try:
            parse_signal(config["StopSignal"])
        except UnknownSignalError as error:
            raise InvalidError(str(error)) from error


def _check_host(host: dict[str, Any]) -> None:
    for item in host["ExtraHosts"] or ():
        if ":" not in item:
            raise InvalidError(f'bad format for add-host: "{item}"')
    for port, bindings in (host["PortBindings"] or {}).items():
        _check_port(port)
        for index, binding in enumerate(bindings or ()):
            wanted = {name: binding.get(name) or "" for name in ("HostIp", "HostPort")}
            _check_host_port(wanted["HostPort"])
            bindings[index] = wanted
    _check_restart_policy(host)
    _check_log_driver(host)
    if host["Runtime"] not in ("", "runc"):
        raise InvalidError(f"Unknown runtime specified {host['Runtime']}")
    if host["NetworkMode"].startswith("container:"):
        raise not_modelled("sharing another container's network", "spec.py")


def _check_port(port: str) -> None:
    if not _PORT.fullmatch(port):
        number = port.partition("/")[0]
        raise InvalidError(f'invalid port specification: "{number}"')


def _check_host_port(port: str) -> None:
    if port and not re.fullmatch(r"\d+(-\d+)?", port):
        raise InvalidError(f'invalid port specification: "{port}"')


def _check_restart_policy(host: dict[str, Any]) -> None:
    policy = host["RestartPolicy"]
    name, count = policy.get("Name", ""), policy.get("MaximumRetryCount", 0)
    if name in ("", "no"):
        if count:
            raise InvalidError(
                f"maximum retry count cannot be used with restart policy '{name}'"
            )
        host["RestartPolicy"] = {"Name": name, "MaximumRetryCount": 0}
        return
    if name not in _RESTART_POLICIES:
        raise InvalidError(f"invalid restart policy '{name}'")
    if host["AutoRemove"]:
        raise InvalidError("can't create 'AutoRemove' container with restart policy")
    raise not_modelled(f"the restart policy {name!r}", "spec.py")


def _check_log_driver(host: dict[str, Any]) -> None:
    name = host["LogConfig"].get("Type") or "json-file"
    config = host["LogConfig"].get("Config") or {}
    if name in _LOG_DRIVERS:
        raise not_modelled(f"the logging driver {name!r}", "spec.py")
    if name != "json-file":
        raise InvalidError(
            f'error looking up logging plugin {name}: plugin "{name}" not found'
        )
    if config:
        raise not_modelled("options of the logging driver", "spec.py")
    host["LogConfig"] = {"Type": name, "Config": {}}
