"""The commands for people with a cluster: their arguments, and what `--help` says of them."""

import argparse
import math
from typing import Any, Final

COMMANDS: Final = (
    "status", "senders", "reconnect", "suspend", "resume", "connect", "diagnose",
)  # fmt: skip
FORMS: Final = ("tree", "json", "yaml")
WAIT_SECONDS: Final = 120.0
CONSENT_SECONDS: Final = 900.0

STATUS_HELP: Final = """\
examples:
  {prog} status                  the Mailboxes of the context's namespace
  {prog} status jane -n acme     one of them
  {prog} status -A -o json       all, for programs
  {prog} status minfra/platform  a ManagedInfrastructure

exit status:
  0  all of them are ready
  1  one of them is not
  2  there is no such object, or the cluster cannot be used
"""
SENDERS_HELP: Final = """\
examples:
  {prog} senders                 the Senders of the context's namespace
  {prog} senders newsletter      one of them, and its Mailboxes

exit status:
  0  all of them are ready
  1  one of them is not
  2  there is no such Sender, or the cluster cannot be used
"""
RECONNECT_HELP: Final = """\
examples:
  {prog} reconnect jane --wait
  {prog} reconnect --all --wait --timeout 300

exit status:
  0  asked; with --wait: all of them are ready
  1  with --wait: one of them is not, or nobody answered in time
  2  there is no such object, it is suspended, or the cluster cannot be used
"""
CONNECT_HELP: Final = """\
examples:
  {prog} connect jane            prints the page, and waits for the consent
  {prog} connect jane --open     opens it in a browser as well
  {prog} connect jane --no-wait  only prints it, for a mail to its owner

exit status:
  0  the mailbox is connected; with --no-wait: the page was printed
  1  it was not connected in time
  2  it takes no consent, or needs none now, or the cluster cannot be used
"""
DIAGNOSE_HELP: Final = """\
The archive holds Mailboxes, Senders, ManagedInfrastructures, their Events, and the operator's
Deployments, pods, Leases, configuration and logs. No Secret is read. It does hold addresses and
names: look at it before you publish it.

examples:
  {prog} diagnose -n acme
  {prog} diagnose -A --to report.tar.gz

exit status:
  0  it was written; what could not be read is named
  2  the cluster cannot be used, or the file cannot be written
"""

Commands = Any
"""What argparse returns of `add_subparsers`; its class has no public name."""


def add_commands(commands: Commands, prog: str) -> None:
    """Add them to a command line.

    Args:
        commands: Where.
        prog: How the program is called, for the examples.
    """

    def add(name: str, text: str, examples: str = "") -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            epilog=examples.format(prog=prog),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,  # `status --all` would be --all-namespaces
        )
        _add_cluster(made, everywhere=name != "connect")
        return made

    status = add("status", "show how Mailboxes stand, and who must act", STATUS_HELP)
    _add_targets(status, "KIND/NAME or the name of a Mailbox; default: all Mailboxes")
    _add_form(status)
    senders = add("senders", "show Senders, and the Mailboxes that they send through", SENDERS_HELP)
    _add_targets(senders, "the name of a Sender; default: all of them")
    _add_form(senders)
    reconnect = add("reconnect", "ask for a connection attempt now", RECONNECT_HELP)
    _add_some(reconnect)
    reconnect.add_argument("--wait", action="store_true", help="wait for the result")
    _add_timeout(reconnect, WAIT_SECONDS)
    for name, text in (
        ("suspend", "have objects left alone: nothing is dialled or sent for them"),
        ("resume", "have suspended objects looked after again"),
    ):
        _add_some(add(name, text))
    _add_connect(add("connect", "show the consent page of a Mailbox", CONNECT_HELP))
    diagnose = add("diagnose", "write an archive for a bug report, without Secrets", DIAGNOSE_HELP)
    diagnose.add_argument(
        "--to", metavar="FILE", help="default: mailbox-diagnosis-TIME.tar.gz; - is standard output"
    )


def _add_connect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="NAME", help="the name of a Mailbox")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    parser.add_argument("--no-wait", dest="wait", action="store_false", help="do not wait")
    _add_timeout(parser, CONSENT_SECONDS)


def _add_cluster(parser: argparse.ArgumentParser, *, everywhere: bool) -> None:
    parser.add_argument("--kubeconfig", metavar="FILE", help="instead of KUBECONFIG")
    parser.add_argument("--context", metavar="NAME", help="of the kubeconfig; default: the current")
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("-n", "--namespace", metavar="NAME", help="default: that of the context")
    parser.set_defaults(all_namespaces=False)
    if everywhere:
        scope.add_argument(
            "-A", "--all-namespaces", action="store_true", help="those of all namespaces"
        )


def _add_targets(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("targets", metavar="NAME", nargs="*", help=text)


def _add_some(parser: argparse.ArgumentParser) -> None:
    _add_targets(parser, "KIND/NAME or the name of a Mailbox")
    parser.add_argument(
        "--all", action="store_true", help="all Mailboxes of the namespace, or of all with -A"
    )


def _add_form(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=FORMS, default=FORMS[0], help="default: tree")


def _add_timeout(parser: argparse.ArgumentParser, seconds: float) -> None:
    parser.add_argument(
        "--timeout",
        type=_seconds,
        default=seconds,
        metavar="SECONDS",
        help=f"how long to wait; default {seconds:g}",
    )


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no time: write seconds, more than 0")
    return seconds
