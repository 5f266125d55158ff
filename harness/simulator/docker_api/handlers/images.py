"""Images: look, tag, remove, pull."""

from typing import Any

from aiohttp import web

from harness.simulator.docker_api import listing, query, views
from harness.simulator.docker_api.call import Call, answer, nothing, stream
from harness.simulator.docker_api.errors import (
    ApiError,
    InvalidError,
    not_modelled,
)
from harness.simulator.docker_api.go_json import encode
from harness.simulator.docker_api.images import LocalImage
from harness.simulator.runtime import Image


async def list_all(call: Call) -> web.StreamResponse:
    """List images, newest first."""
    filters = query.filters(call.query, listing.IMAGE_FILTERS)
    return answer([_entry(each) for each in listing.images(call.engine, filters)])


def _entry(local: LocalImage) -> dict[str, Any]:
    return {
        "Containers": -1,
        "Created": local.created_ns // 10**9,
        "Id": local.image.id,
        "Labels": dict(local.image.labels) or None,
        "ParentId": "",
        "RepoDigests": None,
        "RepoTags": local.names or ["<none>:<none>"],
        "SharedSize": -1,
        "Size": 0,
        "VirtualSize": 0,
    }


async def inspect(call: Call) -> web.StreamResponse:
    """Show all of an image."""
    try:
        local = call.engine.images.get(call.name)
    except ApiError as error:
        error.args = (f"no such image: {call.name}: {error.message}",)
        raise
    image = local.image
    created = views.moment(local.created_ns)
    return answer(
        {
            "Id": image.id,
            "RepoTags": local.names,
            "RepoDigests": [],
            "Parent": "",
            "Comment": "",
            "Created": created,
            "Container": "",
            "ContainerConfig": _config(None),
            "DockerVersion": "",
            "Author": "",
            "Config": _config(image),
            "Architecture": call.engine.architecture,
            "Os": "linux",
            "Size": 0,
            "VirtualSize": 0,
            "GraphDriver": {"Data": None, "Name": "overlay2"},
            "RootFS": {"Type": "layers", "Layers": [image.id]},
            "Metadata": {"LastTagTime": created},
        }
    )


def _config(image: Image | None) -> dict[str, Any]:
    config: dict[str, Any] = {"Hostname": "", "Domainname": "", "User": ""}
    for name in ("Stdin", "Stdout", "Stderr"):
        config[f"Attach{name}"] = False
    config |= {"Tty": False, "OpenStdin": False, "StdinOnce": False}
    config |= {"Env": None, "Cmd": None, "Image": "", "Volumes": None}
    config |= {"WorkingDir": "", "Entrypoint": None, "OnBuild": None, "Labels": None}
    if image is not None:
        config |= {
            "User": image.user,
            "Env": [f"{name}={value}" for name, value in image.env.items()] or None,
            "Cmd": list(image.cmd) or None,
            "WorkingDir": "" if image.workdir == "/" else image.workdir,
            "Entrypoint": list(image.entrypoint) or None,
            "Labels": dict(image.labels) or None,
        }
    return config


async def history(call: Call) -> web.StreamResponse:
    """Show the layers of an image: there is one."""
    local = call.engine.images.get(call.name)
    layer = {
        "Comment": "",
        "Created": local.created_ns // 10**9,
        "CreatedBy": "",
        "Id": local.image.id,
        "Size": 0,
        "Tags": local.names,
    }
    return answer([layer])


async def tag(call: Call) -> web.StreamResponse:
    """Give an image another name."""
    repo, name = call.query.get("repo", ""), call.query.get("tag", "")
    call.engine.images.tag(call.name, repo, name)
    return nothing(201)


async def remove(call: Call) -> web.StreamResponse:
    """Take a name from an image; with the last one it goes."""
    users = {c.id: c.image.id for c in call.engine.containers.all()}
    force = query.boolean(call.query, "force")
    return answer(call.engine.images.remove(call.name, users, force=force))


async def pull(call: Call) -> web.StreamResponse:
    """Fetch an image; its progress is sent, errors on the way are part of it."""
    if call.query.get("fromSrc"):
        raise not_modelled("importing images", "handlers/images.py")
    reference, name = call.query.get("fromImage", ""), call.query.get("tag", "")
    if not reference:
        raise ApiError('Get "http:": http: no Host in request URL')
    if name:
        reference += f"@{name}" if name.startswith("sha256:") else f":{name}"
    found = call.engine.images.pull(reference)
    if isinstance(found, ApiError):
        raise found
    response = await stream(call, "application/json")
    for line in (
        {"status": f"Pulling from {reference}", "id": name or "latest"},
        {"status": f"Digest: {found.id}"},
        {"status": f"Status: Downloaded newer image for {reference}"},
    ):
        await response.write(encode(line))
        await call.engine.world.clock.sleep(found.pull_s / 3)
    await response.write_eof()
    return response


async def push(call: Call) -> web.StreamResponse:
    """Refuse: there is no registry. What is said first is the engine's."""
    if "X-Registry-Auth" not in call.request.headers:
        raise InvalidError("Bad parameters and missing X-Registry-Auth: EOF")
    raise not_modelled("pushing images", "handlers/images.py")
