"""A program for pods of these tests: tells over HTTP what is around it. Standard library only."""

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, urlsplit

SICK = Path("/tmp/sick")  # noqa: S108 - of the container


class Tiny(BaseHTTPRequestHandler):
    """Answers each question with JSON."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(asked.query).items()}
        status, answer = ANSWERS[asked.path](**query)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


def around() -> tuple[int, Any]:
    ids = {"user": os.getuid(), "group": os.getgid(), "host": socket.gethostname()}
    return 200, {**ids, "environ": dict(os.environ), "arguments": sys.argv[1:]}


def health() -> tuple[int, Any]:
    return 503 if SICK.exists() else 200, {}


def read(path: str) -> tuple[int, Any]:
    return attempt(lambda: Path(path).read_text())


def write(path: str) -> tuple[int, Any]:
    return attempt(lambda: Path(path).write_text("written"))


def dial(port: str, host: str = "localhost") -> tuple[int, Any]:
    def said() -> str:
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            return connection.makefile().readline()

    return attempt(said)


def attempt(what: Callable[[], Any]) -> tuple[int, Any]:
    try:
        return 200, what()
    except OSError as error:
        return 500, type(error).__name__


ANSWERS: Mapping[str, Callable[..., tuple[int, Any]]] = {
    "/": around,
    "/healthz": health,
    "/read": read,
    "/write": write,
    "/dial": dial,
}


def terminate(number: int, frame: FrameType | None) -> None:
    print("asked to end", flush=True)
    sys.exit(int(os.environ.get("LAST_WORDS", "0")))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[1:] == ["deaf"] else terminate)
    print("started", flush=True)
    if sys.argv[1:2] == ["exit"]:
        sys.exit(int(sys.argv[2]))
    ThreadingHTTPServer(("127.0.0.1", 8080), Tiny).serve_forever()
