"""Types of errors."""

import pytest
import requests
from qfc_worker.errors import (
    InvalidProjectFileError,
    ProjectFileNotFoundError,
    UnableToContinueError,
    classify,
)
from qfieldcloud_sdk.interfaces import QfcRequestException


def refused(status: int) -> QfcRequestException:
    """What the SDK raises for an answer of this status."""
    response = requests.Response()
    response.status_code = status
    response.url = "http://app/api/v1/"
    response._content = b"{}"
    return QfcRequestException(response)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refused(401), "API_TOKEN_EXPIRED"),
        (refused(402), "API_PAYMENT_REQUIRED"),
        (refused(403), "API_FORBIDDEN"),
        (refused(404), "API_NOT_FOUND"),
        (refused(409), "API_OTHER"),
        (refused(503), "API_INTERNAL_SERVER_ERROR"),
        (requests.exceptions.RetryError(), "API_INTERNAL_SERVER_ERROR"),
        (requests.exceptions.ConnectionError(), "API_CONNECTION_ERROR"),
        (requests.exceptions.ReadTimeout(), "API_CONNECTION_ERROR"),
        (requests.exceptions.SSLError(), "API_CONNECTION_ERROR"),
        (ProjectFileNotFoundError(), "FILE_NOT_FOUND"),
        (InvalidProjectFileError(), "INVALID_PROJECT_FILE"),
        (UnableToContinueError(), "UNABLE_TO_CONTINUE"),
        (KeyError("x"), "UNKNOWN"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_classes_of_failure(error: Exception, expected: str) -> None:
    """Each class of failure has QFieldCloud's name for it."""
    assert classify(error).value == expected
