"""How verdicts are written: for people, for programs, for a pipeline's own display."""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import yaml

from mailbox_operator.verify import SUSPENDED, Verification

COLUMNS: Final = ("NAMESPACE", "NAME", "CONNECTED", "READY", "REASON", "MESSAGE")
FORMS: Final = ("table", "json", "yaml", "junit", "github")
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, section 2.2."""

CLEAR_LINE: Final = "\r\x1b[K"


@dataclass(slots=True)
class Progress:
    """Counts on a terminal while attempts are made; silent anywhere else."""

    stream: TextIO
    total: int
    done: int = 0

    def tell(self, verdict: Verification) -> None:
        """Count a verdict, and show which one it was."""
        self.done += 1
        if self.stream.isatty():
            end = CLEAR_LINE if self.done == self.total else ""
            seen = f"{self.done} of {self.total}: {verdict.subject.key} {verdict.reason}"
            self.stream.write(f"{CLEAR_LINE}{seen}{end}")
            self.stream.flush()


def written(verdicts: Sequence[Verification], form: str, allowed: Collection[str]) -> str:
    """Write verdicts in one of the `FORMS`.

    Args:
        verdicts: Of one run.
        form: Which one.
        allowed: Reasons that count as passed.
    """
    match form:
        case "json":
            return _json(verdicts)
        case "yaml":  # which knows no enumerations, and so is written from the JSON
            items = json.loads(_json(verdicts))["items"]
            return yaml.safe_dump_all(items, sort_keys=False).rstrip()
        case "junit":
            return _junit(verdicts, allowed)
        case "github":
            return _github(verdicts, allowed)
        case _:
            return _table([COLUMNS, *(_row(verdict) for verdict in verdicts)])


def _json(verdicts: Sequence[Verification]) -> str:
    items = [verdict.rendered() for verdict in verdicts]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2, default=str)


def _row(verdict: Verification) -> tuple[str, ...]:
    key = verdict.subject.key
    conditions = (verdict.status_of("Connected"), verdict.status_of("Ready"))
    return (key.namespace or "-", key.name, *conditions, verdict.reason, verdict.message)


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    return "\n".join(
        "   ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        )
        for row in rows
    )


def _junit(verdicts: Sequence[Verification], allowed: Collection[str]) -> str:
    """Write the XML that Jenkins, GitLab and others read; what was not tried is skipped."""
    failed = sum(not verdict.passes(allowed) for verdict in verdicts)
    skipped = sum(verdict.reason == SUSPENDED for verdict in verdicts)
    counts = {"tests": str(len(verdicts)), "failures": str(failed), "skipped": str(skipped)}
    suites = Element("testsuites", counts)
    suite = SubElement(suites, "testsuite", {"name": "mailbox-operator verify", **counts})
    for verdict in verdicts:
        key = verdict.subject.key
        named = {"classname": key.namespace or key.kind, "name": key.name}
        case = SubElement(suite, "testcase", named | {"file": verdict.document.file})
        message = {"message": NOT_XML.sub("\ufffd", verdict.message)}
        if not verdict.passes(allowed):
            SubElement(case, "failure", {"type": verdict.reason, **message})
        elif verdict.reason == SUSPENDED:
            SubElement(case, "skipped", message)
    indent(suites)
    return tostring(suites, encoding="unicode", xml_declaration=False)


def _github(verdicts: Sequence[Verification], allowed: Collection[str]) -> str:
    """Write GitHub's workflow commands: an annotation at the manifest of each that fails."""
    lines = [_annotation(verdict) for verdict in verdicts if not verdict.passes(allowed)]
    passed = len(verdicts) - len(lines)
    return "\n".join([*lines, f"{passed} of {len(verdicts)} pass"])


def _annotation(verdict: Verification) -> str:
    document = verdict.document
    place = {"file": document.file, "line": str(document.line)} if document.file else {}
    properties = place | {"title": f"{verdict.subject.key} {verdict.reason}"}
    told = ",".join(f"{name}={_escaped(value, ',:')}" for name, value in properties.items())
    return f"::error {told}::{_escaped(verdict.message)}"


def _escaped(text: str, more: str = "") -> str:
    """Escape as the runner's own toolkit does (actions/toolkit, command.ts)."""
    for character in ("%", "\r", "\n", *more):
        text = text.replace(character, f"%{ord(character):02X}")
    return text
