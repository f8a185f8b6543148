"""The command line: arguments in, exit status out. Reads the environment once."""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import shtab

from mailbox_operator import __version__
from mailbox_operator.cluster.apiserver import UnreachableClusterError
from mailbox_operator.cluster.dry_run import check_admission
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.command.parser import COMMANDS, add_commands
from mailbox_operator.decide.declared.documents import read_declared
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.manifests import ManifestError, read_manifests
from mailbox_operator.outputs import FORMS, Progress, written
from mailbox_operator.report.log import configure
from mailbox_operator.serving import ListenError
from mailbox_operator.settings.file import Settings, SettingsError, by_environment, load
from mailbox_operator.verify import subjects, verify

OK: Final = 0
NOT_CONNECTED: Final = 1
FAILED: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""What shells say of a program that a signal ends: 128 and the number of SIGINT, or of SIGPIPE."""

PROGRAM: Final = "mailbox-operator"
PLUGIN: Final = "kubectl mailbox"
PLUGIN_FILE: Final = "kubectl-mailbox"
"""kubectl runs a program of this name for `kubectl mailbox`."""
EXAMPLES: Final = """\
examples:
  mailbox-operator verify -f mailboxes/ -f secrets.yaml
  helm template acme helm/mailbox-tenant -f acme.yaml |
    mailbox-operator verify -n acme -f - secrets.yaml --allow AwaitingConsent
  mailbox-operator verify -f platform.yaml  # only a ManagedInfrastructure and its Secrets

exit status:
  0  every Mailbox connects, is suspended, or gives a reason named by --allow
  1  a Mailbox does not, or the API server would refuse one of the Secrets
  2  the files or the configuration cannot be used; nothing was tried
"""

Process = Callable[[Settings, str | None], Coroutine[Any, Any, None]]
"""What runs until it is told to stop, with the configuration and the value of KUBECONFIG."""

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Those of the process, unless given.

    Returns:
        0 if all is well; 1 if a mailbox does not connect or the operator failed; 2 if it was
        called wrongly.
    """
    prog = PLUGIN if Path(sys.argv[0]).name == PLUGIN_FILE else PROGRAM
    options = parser_of(prog).parse_args(arguments)
    try:
        status = _carried_out(options)
        sys.stdout.flush()
    except BrokenPipeError:  # what Python still holds goes nowhere, without a word
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (SettingsError, OSError, UnicodeDecodeError) as error:
        return _refuse(f"{options.config or 'the environment'}: {error}")
    except (ManifestError, UnreachableClusterError) as error:
        return _refuse(str(error))
    return status


def _carried_out(options: argparse.Namespace) -> int:
    settings = load(Path(options.config).read_text()) if options.config else Settings()
    match options.command:
        case "verify":
            return _verify(options, by_environment(settings, os.environ))
        case "check-api":
            return _check_api(timedelta(seconds=options.timeout), os.environ)
        case "completion":
            print(shtab.complete(parser_of(PROGRAM), options.shell))
            return OK
        case command if command in COMMANDS:
            return _command(options, os.environ)
        case "gateway":
            return _run(gateway_process(), by_environment(settings, os.environ), os.environ)
        case _:
            return _run(operator_process(), by_environment(settings, os.environ), os.environ)


def parser_of(prog: str) -> argparse.ArgumentParser:
    """Write down the command line.

    Args:
        prog: How the program is called, for its help.
    """
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Connects mailboxes declared as Kubernetes resources, and keeps them connected.",
    )
    parser.set_defaults(config=None)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the operator: in a pod, or with KUBECONFIG")
    verifying = commands.add_parser(
        "verify",
        help="check Mailboxes from manifests, without a cluster",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asking = commands.add_parser(
        "check-api", help="check by a dry run that the API server admits a Mailbox"
    )
    sending = commands.add_parser(
        "gateway", help="take mail from applications, and send it through their Mailboxes"
    )
    for command in (run, verifying, sending):
        command.add_argument(
            "--config", metavar="FILE", help="configuration file, see docs/configuration.md"
        )
    asking.add_argument(
        "--timeout", type=float, default=60, metavar="SECONDS", help="how long to retry; default 60"
    )
    _add_options(verifying)
    add_commands(commands, prog)
    completing = commands.add_parser("completion", help="print a script that completes commands")
    completing.add_argument("shell", choices=shtab.SUPPORTED_SHELLS, help="which shell's")
    return parser


def _add_options(verifying: argparse.ArgumentParser) -> None:
    verifying.add_argument(
        "-f",
        "--filename",
        dest="files",
        metavar="FILE",
        nargs="+",
        action="extend",
        required=True,
        help="manifests: Mailbox, Secret, ManagedInfrastructure, Namespace; - reads standard input",
    )
    verifying.add_argument(
        "-n",
        "--namespace",
        metavar="NAME",
        default="default",
        help="for objects without a namespace; default: default",
    )
    verifying.add_argument(
        "--allow",
        metavar="REASON",
        action="append",
        default=[],
        choices=list(Reason),
        help="accept this reason, such as AwaitingConsent; repeatable",
    )
    verifying.add_argument(
        "-o",
        "--output",
        choices=FORMS,
        default="table",
        help="table (default), json, yaml, junit (XML), or github (annotations)",
    )


def operator_process() -> Process:
    """Load what the operator's process is made of."""
    from mailbox_operator.operate import operate  # noqa: PLC0415 - one process has no use for the other

    return operate


def gateway_process() -> Process:
    """Load what the gateway's process is made of."""
    from mailbox_operator.submit import submit  # noqa: PLC0415 - the same

    return submit


def _run(process: Process, settings: Settings, environ: Mapping[str, str]) -> int:
    configure(settings.log_level)
    try:
        asyncio.run(process(settings, environ.get("KUBECONFIG")))
    except ExceptionGroup as failures:
        for failure in failures.exceptions:
            if isinstance(failure, ListenError):  # the sentence says it all
                log.critical("the operator failed", extra={"error": str(failure)})
            else:
                log.critical("the operator failed", exc_info=failure)
        return FAILED
    return OK


def _verify(options: argparse.Namespace, settings: Settings) -> int:
    configure("ERROR")
    declared = read_declared(read_manifests(options.files), options.namespace)
    if declared.mistakes:
        raise ManifestError("\n".join(["nothing is tried:", *declared.all_mistakes]))
    tried = subjects(declared)
    if not tried:
        return _refuse("there is no Mailbox and no ManagedInfrastructure in these files")
    if declared.skipped:
        skipped = ", ".join(f"{count} {kind}" for kind, count in declared.skipped.items())
        print(f"skipped what no attempt needs: {skipped}", file=sys.stderr)
    for mistake in declared.refused_secrets:
        print(f"mailbox-operator: the API server refuses {mistake}", file=sys.stderr)
    progress = Progress(sys.stderr, len(tried))
    verdicts = asyncio.run(verify(declared, settings, progress.tell))
    print(written(verdicts, options.output, options.allow))
    passed = all(verdict.passes(options.allow) for verdict in verdicts)
    return OK if passed and not declared.refused_secrets else NOT_CONNECTED


def _command(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from mailbox_operator.command.run import run_command  # noqa: PLC0415 - the operator has no use for it

    configure("ERROR")
    try:
        return asyncio.run(run_command(options, environ))
    except KeyboardInterrupt:
        return INTERRUPTED


def _check_api(patience: timedelta, environ: Mapping[str, str]) -> int:
    configure("ERROR")
    try:
        print(asyncio.run(check_admission(environ.get("KUBECONFIG"), patience)))
    except ApiServerError as error:
        print(f"mailbox-operator: no Mailbox is admitted: {error}", file=sys.stderr)
        return FAILED
    return OK


def _refuse(message: str) -> int:
    print(f"mailbox-operator: {message}", file=sys.stderr)
    return USAGE
