"""As much of QFieldCloud's API as one worker calls for one project, on this machine.

A cell's stand-in may be out of reach of a process here (inside a cluster), and a second
job in it would be a job more in what is judged.
"""

import asyncio
import base64
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

API = "/api/v1"
LARGEST = 256 * 1024**2


@dataclass(kw_only=True, slots=True)
class SmallCloud:
    """The project's files, and what was uploaded; whoever asks may."""

    files: dict[str, bytes]
    package: dict[str, bytes] = field(default_factory=dict)
    seed: Mapping[str, Any] | None = None
    xlsform: tuple[str, bytes] | None = None
    """Name and content."""

    async def list_files(self, _request: web.Request) -> web.Response:
        """Every file of the project."""
        return web.json_response(
            [_described(name, content) for name, content in sorted(self.files.items())]
        )

    async def download(self, request: web.Request) -> web.Response:
        """One file of the project."""
        name = request.match_info["name"]
        if name not in self.files:
            return _not_found()
        return web.Response(body=self.files[name])

    async def upload(self, request: web.Request) -> web.Response:
        """One file for the project."""
        self.files[request.match_info["name"]] = await _uploaded(request)
        return web.json_response({}, status=201)

    async def upload_to_package(self, request: web.Request) -> web.Response:
        """One file for the package."""
        self.package[request.match_info["name"]] = await _uploaded(request)
        return web.json_response({}, status=201)

    async def get_seed(self, _request: web.Request) -> web.Response:
        """What the project is to be made from."""
        return _not_found() if self.seed is None else web.json_response(self.seed)

    async def get_xlsform(self, _request: web.Request) -> web.Response:
        """The seed's form."""
        if self.xlsform is None:
            return _not_found()
        name, content = self.xlsform
        header = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(body=content, headers=header)

    def application(self) -> web.Application:
        """Its routes."""
        made = web.Application(client_max_size=LARGEST)
        project, one = f"{API}/projects/{{id}}", "{name:.+}/"
        made.add_routes(
            [
                web.get(f"{API}/files/{{id}}/", self.list_files),
                web.get(f"{API}/files/{{id}}/{one}", self.download),
                web.post(f"{API}/files/{{id}}/{one}", self.upload),
                web.post(
                    f"{API}/packages/{{id}}/{{job}}/files/{one}", self.upload_to_package
                ),
                web.get(f"{project}/seed/", self.get_seed),
                web.get(f"{project}/seed/xlsform/", self.get_xlsform),
            ]
        )
        return made


def of_project(project: Mapping[str, Any]) -> SmallCloud:
    """A cloud with a project as the stand-in takes it."""
    seed = dict(project.get("seed") or {})
    form = seed.pop("xlsform_file", None)
    return SmallCloud(
        files={
            file["name"]: base64.b64decode(file["content"])
            for file in project.get("files", [])
        },
        seed=seed or None,
        xlsform=(form["name"], base64.b64decode(form["content"])) if form else None,
    )


@contextmanager
def serve(cloud: SmallCloud) -> Iterator[str]:
    """Serve it on a port of loopback; gives ``QFIELDCLOUD_URL``."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True, name="small-cloud")
    thread.start()

    def wait(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    runner = web.AppRunner(cloud.application(), access_log=None)
    try:
        wait(runner.setup())
        wait(web.TCPSite(runner, "127.0.0.1", 0).start())
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{API}/"
    finally:
        wait(runner.cleanup())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _described(name: str, content: bytes) -> dict[str, Any]:
    """A file as the list has it."""
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"name": name, "size": len(content), "md5sum": md5}


async def _uploaded(request: web.Request) -> bytes:
    """The multipart field ``file``."""
    part = (await request.post())["file"]
    return part.file.read() if isinstance(part, web.FileField) else str(part).encode()


def _not_found() -> web.Response:
    answer = {"code": "object_not_found", "message": "Not found"}
    return web.json_response(answer, status=404)
