"""Rules for names, label keys and label values (apimachinery `util/validation`).

Each function returns what is wrong with a string, one text for each broken rule.
"""

import re

_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_VALUE = f"({_QUALIFIED})?"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_ENV_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*"

_QUALIFIED_TEXT = (
    "must consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def dns_subdomain(value: str) -> list[str]:
    """Names of most objects: at most 253 of lower case, digits, `-` and `.`."""
    errors = [] if len(value) <= 253 else [_max_length(253)]
    if not re.fullmatch(_SUBDOMAIN, value):
        errors.append(
            _regex_error(
                "a lowercase RFC 1123 subdomain must consist of lower case "
                "alphanumeric characters, '-' or '.', and must start and end with an "
                "alphanumeric character",
                _SUBDOMAIN,
                "example.com",
            )
        )
    return errors


def dns_label(value: str) -> list[str]:
    """Namespaces, containers, volumes: at most 63 of lower case, digits and `-`."""
    errors = [] if len(value) <= 63 else [_max_length(63)]
    if re.fullmatch(_LABEL, value):
        return errors
    if re.fullmatch(_SUBDOMAIN, value):
        return [*errors, "must not contain dots"]
    return [
        *errors,
        _regex_error(
            "a lowercase RFC 1123 label must consist of lower case alphanumeric "
            "characters or '-', and must start and end with an alphanumeric character",
            _LABEL,
            "my-name",
            "123-abc",
        ),
    ]


def dns_label_1035(value: str) -> list[str]:
    """Services: as `dns_label`, and the first is a letter."""
    errors = [] if len(value) <= 63 else [_max_length(63)]
    if not re.fullmatch(_LABEL_1035, value):
        errors.append(
            _regex_error(
                "a DNS-1035 label must consist of lower case alphanumeric characters "
                "or '-', start with an alphabetic character, and end with an "
                "alphanumeric character",
                _LABEL_1035,
                "my-name",
                "abc-123",
            )
        )
    return errors


def path_segment(value: str) -> list[str]:
    """Names of RBAC objects: whatever is one segment of a URL's path."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{mark}'" for mark in "/%" if mark in value]


def qualified_name(value: str) -> list[str]:
    """Label and annotation keys: `[prefix/]name`."""
    prefix, slash, name = value.partition("/")
    if not slash:
        prefix, name = "", value
    elif "/" in name:
        return [
            "a qualified name "
            + _regex_error(_QUALIFIED_TEXT, _QUALIFIED, "MyName", "my.name", "123-abc")
            + " with an optional DNS subdomain prefix and '/' (e.g. "
            "'example.com/MyName')"
        ]
    errors = []
    if slash and not prefix:
        errors.append("prefix part must be non-empty")
    elif slash:
        errors += [f"prefix part {text}" for text in dns_subdomain(prefix)]
    if not name:
        errors.append("name part must be non-empty")
    elif len(name) > 63:
        errors.append(f"name part {_max_length(63)}")
    if not re.fullmatch(_QUALIFIED, name):
        errors.append(
            "name part "
            + _regex_error(_QUALIFIED_TEXT, _QUALIFIED, "MyName", "my.name", "123-abc")
        )
    return errors


def label_value(value: str) -> list[str]:
    """Label values: at most 63, or empty."""
    errors = [] if len(value) <= 63 else [_max_length(63)]
    if not re.fullmatch(_VALUE, value):
        errors.append(
            _regex_error(
                "a valid label must be an empty string or consist of alphanumeric "
                "characters, '-', '_' or '.', and must start and end with an "
                "alphanumeric character",
                _VALUE,
                "MyValue",
                "my_value",
                "12345",
            )
        )
    return errors


def config_key(value: str) -> list[str]:
    """Keys of a ConfigMap's or Secret's data: file names."""
    errors = [] if len(value) <= 253 else [_max_length(253)]
    if not re.fullmatch(_CONFIG_KEY, value):
        errors.append(
            _regex_error(
                "a valid config key must consist of alphanumeric characters, '-', '_' "
                "or '.'",
                _CONFIG_KEY,
                "key.name",
                "KEY_NAME",
                "key-name",
            )
        )
    if value == ".":
        errors.append("must not be '.'")
    elif value == "..":
        errors.append("must not be '..'")
    elif value.startswith(".."):
        errors.append("must not start with '..'")
    return errors


def env_name(value: str) -> list[str]:
    """Names of environment variables: any printable ASCII but `=` (since 1.32)."""
    errors = ["environment variable name must be non-empty"] if not value else []
    if any(not " " <= mark <= "~" or mark == "=" for mark in value):
        errors.append(
            "a valid environment variable name must consist only of printable ASCII "
            "characters other than '='"
        )
    return errors


def _max_length(limit: int) -> str:
    return f"must be no more than {limit} characters"


def _regex_error(message: str, pattern: str, *examples: str) -> str:
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return f"{message} (e.g. {shown}, regex used for validation is '{pattern}')"
