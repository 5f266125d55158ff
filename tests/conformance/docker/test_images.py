"""Images: looked at, tagged, removed, and pulled from where there is no registry."""

import json
import os
from urllib.parse import quote

import pytest

from ..recorder import Recorder
from ..wire import Api
from .conftest import ENTRY_IMAGE, IMAGE, Creator

pytestmark = pytest.mark.recorded("docker-20.10")


def test_inspect(docker: Api, see: Recorder) -> None:
    """The configuration of an image, by name, short name and id."""
    answer = docker("GET", f"/images/{ENTRY_IMAGE}/json")
    see("head", answer, body=False)
    see("keys", sorted(answer.body))
    config = answer.body["Config"]
    config.pop("Image")  # of the builder's last step
    see("config", config)
    see("names", answer.body["RepoTags"])
    see("platform", [answer.body["Os"], answer.body["Architecture"]])
    found = answer.body["Id"]
    for reference in (found, found[7:], found[7:19]):
        see("same", docker("GET", f"/images/{reference}/json").body["Id"] == found)


def test_missing(docker: Api, see: Recorder) -> None:
    """What is said of an image that isn't here."""
    for name in ("nope", "nope:x", "a.b/c:d", "NOPE"):
        see(name, docker("GET", f"/images/{name}/json"))
    see("history", docker("GET", "/images/nope/history"))
    see("remove", docker("DELETE", "/images/nope"))
    see("tag", docker("POST", "/images/nope/tag?repo=a&tag=b"))
    see("push", docker("POST", "/images/nope/push"))


def test_list(docker: Api, see: Recorder) -> None:
    """An entry of the list."""
    only = quote(json.dumps({"reference": [ENTRY_IMAGE]}))
    answer = docker("GET", f"/images/json?filters={only}")
    see("head", answer, body=False)
    (entry,) = answer.body
    see("keys", sorted(entry))
    see("names", [entry["RepoTags"], entry["Labels"], entry["Containers"]])


@pytest.mark.parametrize(
    "filters",
    [
        {"reference": ["qfc-conformance"]},
        {"reference": ["qfc-*:1"]},
        {"reference": ["nope"]},
        {"label": ["from"]},
        {"label": ["from=image"]},
        {"label": ["from=nope"]},
        {"before": [ENTRY_IMAGE]},
        {"before": ["nope"]},
    ],
    ids=lambda filters: json.dumps(filters),
)
def test_filters(docker: Api, see: Recorder, filters: dict[str, list[str]]) -> None:
    """Which of the two images each filter keeps."""
    answer = docker("GET", f"/images/json?filters={quote(json.dumps(filters))}")
    if answer.status != 200:
        see("refused", answer)
        return
    names = [name for each in answer.body for name in each["RepoTags"] or []]
    see("kept", [name for name in (IMAGE, ENTRY_IMAGE) if name in names])


def test_tag(docker: Api, see: Recorder, create: Creator) -> None:
    """A second name, used, and removed again."""
    name = see.name(f"qfc-tag-{os.getpid()}", "tag")
    see("tag", docker("POST", f"/images/{IMAGE}/tag?repo={name}&tag=x"))
    see("tags", docker("GET", f"/images/{name}:x/json").body["RepoTags"])
    see("no tag", docker("GET", f"/images/{name}/json"))
    container = create("true", Image=f"{name}:x")
    image = docker("GET", f"/containers/{container}/json").body["Config"]["Image"]
    see("used as", image)
    see("untag", docker("DELETE", f"/images/{name}:x"))
    see("bad tag", docker("POST", f"/images/{IMAGE}/tag?repo=A&tag=x"))


def test_remove_used(docker: Api, see: Recorder, create: Creator) -> None:
    """The last name of an image that a container uses."""
    container = create("true", Image=ENTRY_IMAGE)
    found = docker("GET", f"/containers/{container}/json").body
    see("ids", [found["Id"], found["Image"]])
    see("remove", docker("DELETE", f"/images/{ENTRY_IMAGE}"))


@pytest.mark.parametrize("query", ["fromImage=", "fromImage=NOPE", "fromImage=a%20b"])
def test_bad_pull(docker: Api, see: Recorder, query: str) -> None:
    """A pull of something that isn't a name."""
    see("pull", docker("POST", f"/images/create?{query}"))
