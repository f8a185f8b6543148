"""The command line: arguments in, exit status out. Reads the environment once."""

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import yaml

from mailbox_operator import __version__
from mailbox_operator.admission import check_admission
from mailbox_operator.apiserver import ApiServerError, UnreachableClusterError
from mailbox_operator.manifests import ManifestError, read_manifests
from mailbox_operator.operate import operate
from mailbox_operator.report.log import configure
from mailbox_operator.settings import Settings, SettingsError, by_environment, load
from mailbox_operator.verify import Verdict, verify

OK: Final = 0
NOT_CONNECTED: Final = 1
FAILED: Final = 1
USAGE: Final = 2
COLUMNS: Final = ("NAMESPACE", "NAME", "CONNECTED", "READY", "REASON", "MESSAGE")

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Those of the process, unless given.

    Returns:
        0 if all is well; 1 if a mailbox does not connect or the operator failed; 2 if it was
        called wrongly.
    """
    options = _parser().parse_args(arguments)
    try:
        settings = load(Path(options.config).read_text()) if options.config else Settings()
        match options.command:
            case "verify":
                return _verify(options, by_environment(settings, os.environ))
            case "check-api":
                return _check_api(timedelta(seconds=options.timeout), os.environ)
            case _:
                return _run(by_environment(settings, os.environ), os.environ)
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        return _refuse(f"{options.config or 'the environment'}: {error}")
    except (ManifestError, UnreachableClusterError) as error:
        return _refuse(str(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mailbox-operator",
        description="Connects mailboxes declared as Kubernetes resources, and keeps them connected.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="work in a cluster: as a pod, or by KUBECONFIG")
    verifying = commands.add_parser("verify", help="try Mailboxes of manifests, without a cluster")
    asking = commands.add_parser("check-api", help="have a Mailbox admitted, by a dry run")
    for command in (run, verifying):
        command.add_argument("--config", metavar="FILE", help="the operator's configuration")
    asking.set_defaults(config=None)
    asking.add_argument(
        "--timeout", type=float, default=60, metavar="SECONDS", help="how long to try; default 60"
    )
    verifying.add_argument(
        "-f",
        "--filename",
        dest="files",
        metavar="FILE",
        nargs="+",
        action="extend",
        required=True,
        help="manifests: Mailbox, Secret, ManagedInfrastructure, Namespace; - is standard input",
    )
    verifying.add_argument("-o", "--output", choices=("table", "json", "yaml"), default="table")
    return parser


def _run(settings: Settings, environ: Mapping[str, str]) -> int:
    configure(settings.log_level)
    try:
        asyncio.run(operate(settings, environ.get("KUBECONFIG")))
    except ExceptionGroup as failures:
        for failure in failures.exceptions:
            log.critical("the operator failed", exc_info=failure)
        return FAILED
    return OK


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    configure("ERROR")
    manifests = read_manifests(options.files)
    verdicts = asyncio.run(verify(manifests, settings, lambda note: print(note, file=sys.stderr)))
    if not verdicts:
        return _refuse("there is no Mailbox in these files")
    print(_output(verdicts, options.output))
    return OK if all(verdict.is_connected for verdict in verdicts) else NOT_CONNECTED


def _check_api(patience: timedelta, environ: Mapping[str, str]) -> int:
    configure("ERROR")
    try:
        print(asyncio.run(check_admission(environ.get("KUBECONFIG"), patience)))
    except ApiServerError as error:
        print(f"mailbox-operator: no Mailbox is admitted: {error}", file=sys.stderr)
        return FAILED
    return OK


def _output(verdicts: Sequence[Verdict], form: str) -> str:
    items = [verdict.rendered() for verdict in verdicts]
    plain = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=2, default=str)
    match form:
        case "json":
            return plain
        case "yaml":  # which knows no enumerations, and so is written from the JSON
            return yaml.safe_dump_all(json.loads(plain)["items"], sort_keys=False).rstrip()
        case _:
            return _table([COLUMNS, *(_row(verdict) for verdict in verdicts)])


def _row(verdict: Verdict) -> tuple[str, ...]:
    key, status = verdict.mailbox.key, verdict.mailbox.status
    ready, connected = status.condition("Ready"), status.condition("Connected")
    if ready is None or connected is None:
        return (key.namespace, key.name, "-", "-", "Suspended", "spec.suspend is true: not tried")
    return (key.namespace, key.name, connected.status, ready.status, ready.reason, ready.message)


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    return "\n".join(
        "   ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]
        )
        for row in rows
    )


def _refuse(message: str) -> int:
    print(f"mailbox-operator: {message}", file=sys.stderr)
    return USAGE
