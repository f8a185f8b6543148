"""Says why a request to the API server came to nothing, in words for the log and the probes.

What an answer says is repeated only where the API server itself says which right is missing: other
refusals may quote a Secret, and a proxy's page may say anything.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from mailbox_operator.decide.cluster.retryafter import asked_seconds

MOST_WORDS: Final = 400
MOST_PAUSE_SECONDS: Final = 60.0
"""What a Retry-After may ask for: a proxy in between must not silence a watch for a day."""

BY_RIGHTS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
BY_AUTHORIZATION: Final = re.compile(r'User "[^"]*" cannot ')
OF_GATEWAYS: Final = frozenset(
    {HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
)
NO_API_SERVER: Final = "the answer is not from an API server: look for a proxy in between"

WORDS: Final[Sequence[tuple[type[Exception], str]]] = (
    (aiohttp.ClientProxyConnectionError, "the proxy is not reached"),
    (aiohttp.ClientConnectorSSLError, "TLS does not come about"),
    (aiohttp.ClientConnectorDNSError, "there is no such name"),
    (aiohttp.ClientConnectorError, "no connection comes about"),
    (TimeoutError, "no answer in time"),
    (ValueError, NO_API_SERVER),
    (RecursionError, NO_API_SERVER),
)
"""What a trouble means; the first that fits counts."""


class ApiServerError(Exception):
    """The API server refused, or did not answer.

    Attributes:
        status: HTTP status; 0 if it did not answer.
        what: What it said, or why there is no answer.
        pause_seconds: How long it asks to wait; 0 if it does not.
    """

    def __init__(self, status: int, what: str, pause_seconds: float = 0.0) -> None:
        super().__init__(f"{status} {what}")
        self.status, self.what, self.pause_seconds = status, what, pause_seconds

    @property
    def is_for_want_of_a_right(self) -> bool:
        """Whether authorization refused it, not an admission policy, a webhook or a quota.

        Source: `forbiddenMessage` of k8s.io/apiserver: `User "..." cannot create resource "..."`.
        """
        return (
            self.status == HTTPStatus.FORBIDDEN and BY_AUTHORIZATION.search(str(self)) is not None
        )


class TooLargeError(ApiServerError):
    """The answer has more bytes than the caller takes.

    Attributes:
        beginning: As much of it as was read.
    """

    def __init__(self, beginning: bytes) -> None:
        super().__init__(0, "too large")
        self.beginning = beginning


def refusal_text(status: int, reason: str, content: bytes) -> str:
    """Say what an answer of 400 or more means.

    Args:
        status: Of the answer.
        reason: The phrase beside it.
        content: Its body, or the beginning.
    """
    told = _status_of(content)
    if status in BY_RIGHTS and told is not None:
        return f"{reason}: {str(told.get('message') or '')[:MOST_WORDS]}"
    if told is None and (status in BY_RIGHTS | OF_GATEWAYS or is_page(content)):
        return f"{reason}: {NO_API_SERVER}"
    return reason


def trouble(error: Exception) -> str:
    """Say what became of a request that has no answer, or none that can be read."""
    return f"{type(error).__name__}{_explanation(error)}"


def pause_seconds(
    status: int, headers: Mapping[str, str], received: datetime | None = None
) -> float:
    """Return how long the other side asks to wait, within bounds; 0 if it does not.

    Args:
        status: Of the answer.
        headers: Of the answer.
        received: When it arrived; counts for a date in an answer that does not say when it was sent.
    """
    is_busy = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if not is_busy:
        return 0.0
    asked = asked_seconds(headers.get("Retry-After", ""), headers.get("Date", ""), received)
    return min(float(asked or 0), MOST_PAUSE_SECONDS)


def is_page(content: bytes) -> bool:
    """Say whether this is a web page, which no API server sends."""
    return content.lstrip()[:1] == b"<"


def _status_of(content: bytes) -> Mapping[str, Any] | None:
    """Read a `Status`, the object that an API server refuses with."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found.get("kind") == "Status" else None


def _explanation(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f": the proxy answers {error.status}"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f": {_mistrust(error.certificate_error)}"
    return next((f": {words}" for kind, words in WORDS if isinstance(error, kind)), "")


def _mistrust(error: Exception) -> str:
    why = getattr(error, "verify_message", "") or type(error).__name__
    return f"the certificate is not trusted ({why}); look at the kubeconfig, and for a proxy"
