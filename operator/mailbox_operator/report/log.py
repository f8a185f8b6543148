"""Writes logs: one JSON object a line, and never what an exception says of itself.

A library's exception may quote what it was given, a password or a token included. So a traceback here
names the places and the types, not the texts.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.seen import Seen

STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
QUIET: Final = ("kopf", "aiohttp.access", "httpx2", "httpcore2", "msal", "urllib3", "kubernetes")
MUTE: Final = "opentelemetry"
"""It repeats what a collector answers, at each try; `tracing.delivery` says what there is to say."""

ENCODER: Final = json.JSONEncoder(default=str)

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in STANDARD}
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
            line["at"] = places(record.exc_info[2])
        return ENCODER.encode(line)


def places(trace: TracebackType | None) -> list[str]:
    """Name the places of a traceback: file, line and function."""
    frames = traceback.extract_tb(trace)
    return [place(frame.filename, frame.lineno, frame.name) for frame in frames]


def place(file: str, line: int | None, function: str) -> str:
    """Write a place in the code."""
    return f"{file}:{line} {function}"


def configure(level: str, stream: TextIO = sys.stderr) -> None:
    """Send all logs to a stream; libraries speak from WARNING on."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(MUTE).setLevel(logging.CRITICAL)


def log_attempt(seen: Seen, outcome: Proof | Exception, seconds: float, trace_id: str = "") -> None:
    """Write one line for an attempt; the trace is named where there is one."""
    subject = seen.subject
    extra: dict[str, Any] = {
        "kind": subject.key.kind.value,
        "object": str(subject.key),
        "uid": subject.uid,
        "generation": subject.generation,
        "seconds": round(seconds, 3),
    }
    if trace_id:
        extra["trace_id"] = trace_id
    match outcome:
        case Proof():
            log.info("attempt succeeded", extra=extra)
        case Fault():
            extra |= {"reason": outcome.reason.value, "detail": outcome.detail}
            level = logging.WARNING if outcome.reason is Reason.UNKNOWN else logging.INFO
            log.log(level, "attempt failed", extra=extra)
        case _:
            log.error("attempt crashed", extra=extra, exc_info=outcome)
