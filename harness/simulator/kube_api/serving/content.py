"""Bodies in and out: media types, JSON and YAML, the headers of an answer."""

import functools
import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from harness.simulator import MARKER_HEADER, VERSION
from harness.simulator.kube_api import errors
from harness.simulator.kube_api.errors import ApiError, NotModelled

JSON, YAML = "application/json", "application/yaml"
_PROTOBUF = "application/vnd.kubernetes.protobuf"
_ACCEPTED = f"{JSON}, {YAML}, {_PROTOBUF}"
_COMPRESS_FROM = 128 * 1024
MAX_BODY = 3 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """How the client wants an answer."""

    media_type: str = JSON
    convert_to: str = ""
    """`Table`, `PartialObjectMetadata`, `PartialObjectMetadataList` or ""."""


def negotiate(accept: str) -> Form:
    """Choose from an Accept header; raise 406 where nothing fits."""
    converts = False
    for clause in accept.split(",") if accept else ["*/*"]:
        media_type, *parameters = (part.strip() for part in clause.split(";"))
        wanted = dict(p.partition("=")[::2] for p in parameters)
        if media_type == "*/*":
            media_type = JSON
        target = wanted.get("as", "")
        converts = converts or bool(target)
        if media_type not in (JSON, YAML):
            continue
        if target and (wanted.get("g"), wanted.get("v")) != ("meta.k8s.io", "v1"):
            continue
        if (
            target == "Table"
            or target.startswith("PartialObjectMetadata")
            or not target
        ):
            return Form(media_type=media_type, convert_to=target)
    if converts:
        text = f"only the following media types are accepted: {_ACCEPTED}"
        raise ApiError(406, "NotAcceptable", text)
    raise ApiError(
        406,
        "NotAcceptable",
        f"406: Not Acceptable\n\nAvailable representations: {_ACCEPTED}",
        details={},
    )


def parse_body(raw: bytes, content_type: str, kind: str) -> Any:
    """Parse a body by its Content-Type; raise 400 or 415 as the real server does.

    `kind` is the kind the path takes, for the error's text.
    """
    media_type = content_type.partition(";")[0].strip() or JSON
    if media_type not in (JSON, YAML, _PROTOBUF):
        raise ApiError(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types "
            f"include: {_ACCEPTED}",
        )
    problem = ""
    parsed: Any = None
    if media_type == JSON:
        parsed, problem = _parse_json(raw)
    elif media_type == YAML:
        parsed, problem = _parse_yaml(raw)
    elif raw.startswith(b"k8s\x00"):
        raise NotModelled(
            "protobuf bodies (client-go: make ContentType of the rest.Config "
            "application/json)",
            "serving/content.py",
        )
    else:
        problem = (
            "provided data does not appear to be a protobuf message, expected prefix "
            "[107 56 115 0]"
        )
    if not problem and not isinstance(parsed, (dict, type(None))):
        name = {str: "string", list: "array", bool: "bool"}.get(type(parsed), "number")
        problem = (
            "couldn't get version/kind; json parse error: json: cannot unmarshal "
            f"{name} into Go value of type struct {{ APIVersion string "
            '"json:\\"apiVersion,omitempty\\""; Kind string '
            '"json:\\"kind,omitempty\\"" }'
        )
    if problem:
        raise errors.bad_request(
            f"the object provided is unrecognized (must be of type {kind}): {problem} "
            f"({_excerpt(raw)})"
        )
    return {} if parsed is None else parsed


def respond(
    request: web.Request,
    body: Any,
    *,
    status: int = 200,
    warnings: Iterable[str] = (),
    media_type: str = JSON,
    content_type: str = "",
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Return an answer with the headers that every answer has."""
    if media_type == YAML:
        data = _dump_yaml(body)
    else:
        pretty = request.query.get("pretty", "") not in ("", "false", "0")
        data = _dump_json(body, indent=2 if pretty else None)
    answer = web.Response(status=status, content_type=None)
    answer.headers["Content-Type"] = content_type or media_type
    finish_headers(answer, warnings)
    answer.headers.update(headers or {})
    encodings = request.headers.get("Accept-Encoding", "")
    if len(data) > _COMPRESS_FROM and "gzip" in encodings:
        data = gzip.compress(data, 4)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Vary"] = "Accept-Encoding"
    answer.body = data
    return answer


def finish_headers(answer: web.StreamResponse, warnings: Iterable[str] = ()) -> None:
    """Set what every answer carries: no caching, warnings, and who really answers."""
    answer.headers["Cache-Control"] = "no-cache, private"
    answer.headers[MARKER_HEADER] = VERSION
    for text in dict.fromkeys(warnings):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        answer.headers.add("Warning", f'299 - "{escaped}"')


def plain(text: str, status: int) -> web.Response:
    """Return an answer that is no `Status`: what Go's own handlers write."""
    answer = web.Response(status=status, text=text, content_type="text/plain")
    finish_headers(answer)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _dump_json(body: Any, *, indent: int | None = None) -> bytes:
    separators = (",", ":") if indent is None else None
    text = json.dumps(body, ensure_ascii=False, separators=separators, indent=indent)
    return text.encode() + b"\n"


def _dump_yaml(body: Any) -> bytes:
    import yaml  # only for those who ask for it

    text: str = yaml.safe_dump(body, allow_unicode=True, sort_keys=True)
    return text.encode()


def _parse_json(raw: bytes) -> tuple[Any, str]:
    prefix = "couldn't get version/kind; json parse error: "
    if not raw.strip():
        return None, f"{prefix}unexpected end of JSON input"
    try:
        return json.loads(raw), ""
    except ValueError as problem:
        if isinstance(problem, json.JSONDecodeError):
            rest = problem.doc[problem.pos :]
            if not rest.strip() or "Unterminated" in problem.msg:
                return None, f"{prefix}unexpected end of JSON input"
            return None, (
                f"{prefix}invalid character '{rest.lstrip()[0]}' looking for beginning "
                "of value"
            )
        return None, f"{prefix}{problem}"


def _parse_yaml(raw: bytes) -> tuple[Any, str]:
    import yaml

    try:
        return yaml.load(raw, _yaml_loader()), ""  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        text = re.sub(r"\s+", " ", str(getattr(problem, "problem", problem)))
        return None, f"yaml: {text}"


@functools.cache
def _yaml_loader() -> Any:
    """Return a loader that reads scalars as Go's does: `y` is true, a date is text."""
    import yaml

    class Loader(yaml.SafeLoader):
        bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}
        yaml_implicit_resolvers = {
            first: [r for r in rules if r[0] != "tag:yaml.org,2002:timestamp"]
            for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:bool", re.compile("[yYnN]$"), "yYnN"
    )
    return Loader


def _excerpt(raw: bytes) -> str:
    """Show a body as Go does: as text where it begins with `{`, else in hex."""
    if not raw:
        return "<empty>"
    if raw.lstrip().startswith(b"{"):
        return raw[:1024].decode(errors="replace")
    return raw[:1024].hex()
