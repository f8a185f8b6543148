"""What a request came to nothing by is said in words; what others wrote is not repeated."""

import json

import aiohttp
import pytest

from mailbox_operator.cluster.unanswered import NO_API_SERVER, pause_seconds, refusal_text, trouble

CANARY = "hunter2-canary"
FORBIDDEN = 'mailboxes is forbidden: User "x" cannot watch resource "mailboxes"'


def status(message: str) -> bytes:
    return json.dumps({"kind": "Status", "message": message}).encode()


@pytest.mark.parametrize(
    ("code", "content", "said"),
    [
        pytest.param(403, status(FORBIDDEN), f"no: {FORBIDDEN}", id="a right that is missing"),
        pytest.param(403, b"<html>", f"no: {NO_API_SERVER}", id="a proxy's page"),
        pytest.param(403, b"", f"no: {NO_API_SERVER}", id="a refusal of nobody"),
        pytest.param(403, b'["x"]', f"no: {NO_API_SERVER}", id="other JSON"),
        pytest.param(403, b"[" * 100_000, f"no: {NO_API_SERVER}", id="deep JSON"),
        pytest.param(407, b"log in", f"no: {NO_API_SERVER}", id="a proxy that wants a login"),
        pytest.param(502, b"", f"no: {NO_API_SERVER}", id="a gateway"),
        pytest.param(500, b" <html>", f"no: {NO_API_SERVER}", id="a page"),
        pytest.param(429, b"Too many requests", "no", id="an API server's own text"),
        pytest.param(422, status(CANARY), "no", id="a refusal that may quote a Secret"),
    ],
)
def test_the_explanation_says_of_a_refusal_what_is_for_a_person_to_know(
    code: int, content: bytes, said: str
) -> None:
    assert refusal_text(code, "no", content) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TimeoutError(CANARY), "TimeoutError: no answer in time"),
        (json.JSONDecodeError(CANARY, "", 0), f"JSONDecodeError: {NO_API_SERVER}"),
        (aiohttp.ServerDisconnectedError(), "ServerDisconnectedError"),
        (OSError(CANARY), "OSError"),
    ],
)
def test_the_explanation_says_of_a_trouble_what_it_means(error: Exception, said: str) -> None:
    assert trouble(error) == said


@pytest.mark.parametrize(
    ("code", "header", "seconds"),
    [
        pytest.param(429, "1", 1, id="priority and fairness"),
        pytest.param(503, "5", 5, id="a server that stops"),
        pytest.param(429, "86400", 60, id="a day"),
        pytest.param(429, "Mon, 23 Nov 2026 12:00:07 GMT", 7, id="a date"),
        pytest.param(503, "Tue, 24 Nov 2026 12:00:00 GMT", 60, id="a date that is a day away"),
        pytest.param(429, "Mon, 23 Nov 2026 11:00:00 GMT", 0, id="a date that is past"),
        pytest.param(429, "-1", 0, id="the past"),
        pytest.param(404, "5", 0, id="no server that is busy"),
    ],
)
def test_a_server_that_is_busy_is_given_time_within_bounds(
    code: int, header: str, seconds: float
) -> None:
    headers = {"Retry-After": header, "Date": "Mon, 23 Nov 2026 12:00:00 GMT"}

    assert pause_seconds(code, headers) == seconds
