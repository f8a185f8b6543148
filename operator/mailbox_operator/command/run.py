"""Carries out a command at a cluster."""

import argparse
import asyncio
import json
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

import yaml

from mailbox_operator.clock import now
from mailbox_operator.cluster.apiserver import UnreachableClusterError, connect_as_kubectl
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.command.changes import Changes
from mailbox_operator.command.diagnose import Diagnosis, archived
from mailbox_operator.command.objects import Objects
from mailbox_operator.command.overview import reports
from mailbox_operator.command.standing import Report, tree_of
from mailbox_operator.command.targets import CommandError, Target, TooLateError
from mailbox_operator.command.tree import lines
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.words import Kind

READY: Final = 0
NOT_READY: Final = 1
REFUSED: Final = 2


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command writes."""

    out: TextIO
    err: TextIO
    environ: Mapping[str, str]

    @property
    def coloured(self) -> bool:
        """Whether colours are shown: on a terminal, unless NO_COLOR is set (no-color.org)."""
        return self.out.isatty() and not self.environ.get("NO_COLOR")

    def say(self, text: str) -> None:
        """Say what happens; what is asked for goes to `out` instead."""
        print(text, file=self.err)

    def show(self, found: Sequence[Report], form: str) -> None:
        """Show reports as trees, as JSON or as YAML."""
        items = {"items": [each.rendered() for each in found]}
        match form:
            case "json":
                print(json.dumps(items, indent=2), file=self.out)
            case "yaml":
                plain = json.loads(json.dumps(items))  # YAML knows no enumerations
                print(yaml.safe_dump(plain, sort_keys=False), end="", file=self.out)
            case _:
                for each in found:
                    text = "\n".join(lines(tree_of(each), coloured=self.coloured))
                    print(text, file=self.out)


async def run_command(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Carry out a command; return the exit status."""
    terminal = Terminal(sys.stdout, sys.stderr, environ)
    try:
        api, usual = await connect_as_kubectl(environ, options.kubeconfig, options.context)
        async with api:
            namespace = "" if options.all_namespaces else options.namespace or usual
            try:
                return await _act(options, Objects(api, namespace), terminal)
            except ApiServerError as error:
                raise CommandError(_unanswered(error, api.client.configuration.host)) from error
    except TooLateError as error:
        terminal.say(f"mailbox-operator: {error}")
        return NOT_READY
    except (CommandError, UnreachableClusterError) as error:
        terminal.say(f"mailbox-operator: {error}")
        return REFUSED


def _unanswered(error: ApiServerError, host: str) -> str:
    if error.status:
        return f"the API server: {error}"
    return f"the API server at {host} does not answer: {error.what}"


async def _act(options: argparse.Namespace, objects: Objects, terminal: Terminal) -> int:
    match options.command:
        case "diagnose":
            return await _diagnose(options.to, objects, terminal)
        case "connect":
            return await _connect(options, objects, terminal)
        case "status" | "senders":
            return await _status(options, objects, terminal)
        case _:
            return await _change(options, objects, terminal)


async def _status(options: argparse.Namespace, objects: Objects, terminal: Terminal) -> int:
    kind = Kind.SENDER if options.command == "senders" else Kind.MAILBOX
    targets = Target.named(options.targets, kind, everywhere=options.all_namespaces)
    if kind is Kind.SENDER:
        targets = [each.only(kind) for each in targets]
    subjects = await objects.chosen(targets, kind)
    if not subjects:
        where = f"namespace {objects.namespace}" if objects.namespace else "the cluster"
        terminal.say(f"there is no {kind} in {where}")
    found = await reports(objects, subjects)
    terminal.show(found, options.output)
    return _verdict(found)


async def _change(options: argparse.Namespace, objects: Objects, terminal: Terminal) -> int:
    targets = Target.named(options.targets, everywhere=options.all_namespaces)
    if targets and options.all:
        raise CommandError("use names or --all, not both")
    if not targets and not options.all:
        raise CommandError("name what is meant, or use --all for all Mailboxes of the namespace")
    subjects = await objects.chosen(targets, Kind.MAILBOX)
    waits = options.command == "reconnect" and options.wait
    changes = Changes(objects, options.timeout if waits else 0, terminal.say)
    if options.command == "reconnect":
        return await _shown(await changes.reconnect(subjects), objects, terminal)
    await changes.suspend(subjects, suspended=options.command == "suspend")
    return READY


async def _connect(options: argparse.Namespace, objects: Objects, terminal: Terminal) -> int:
    def show(url: str) -> None:
        print(url, file=terminal.out, flush=True)
        if options.open and not webbrowser.open(url):
            terminal.say("no browser can be opened here: open the page yourself")

    subject = await objects.one(Target.of(options.target).only(Kind.MAILBOX))
    seconds = options.timeout if options.wait else 0
    found = await Changes(objects, seconds, terminal.say).connect(subject, show)
    return await _shown(found, objects, terminal)


async def _diagnose(to: str | None, objects: Objects, terminal: Terminal) -> int:
    moment = now()
    diagnosis = Diagnosis(objects, moment, lambda why: terminal.say(f"not read: {why}"))
    content = archived([each async for each in diagnosis.files()], moment)
    if to == "-":
        terminal.out.buffer.write(content)
        return READY
    path = Path(to or f"mailbox-diagnosis-{moment:%Y%m%dT%H%M%SZ}.tar.gz")
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    terminal.say(f"{path} holds addresses, names and logs: look at it before you publish it")
    return READY


async def _shown(subjects: Sequence[Subject], objects: Objects, terminal: Terminal) -> int:
    found = await reports(objects, subjects)
    terminal.show(found, "tree")
    return _verdict(found)


def _verdict(found: Sequence[Report]) -> int:
    well = all(each.is_ready or each.subject.suspended for each in found)
    return READY if well else NOT_READY
