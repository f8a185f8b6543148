"""The applications of the documentation: each runs as its users run it."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lab.clients.programs import INSTALL, Ended, Login, check, run
from lab.npm import installed

DOCS: Final = Path(__file__).parents[3] / "docs"
SENDING: Final = DOCS / "examples" / "sending"
FILES: Final = {
    "python": DOCS / "examples" / "send.py",
    "go": SENDING / "send.go",
    "php": SENDING / "send.php",
    "node": SENDING / "send.mjs",
    "java": SENDING / "Send.java",
}
"""The program of each language."""
LOCK: Final = Path(__file__).with_name("nodemailer")
PHPMAILER: Final = Path("/usr/share/php/libphp-phpmailer")
JARS: Final = (
    Path("/usr/share/java/jakarta-mail.jar"),
    Path("/usr/share/java/jakarta-activation.jar"),
)
Command = tuple[str | Path, ...]
Environment = Mapping[str, str]


async def send(language: str, login: Login, to: str, directory: Path, **variables: str) -> Ended:
    """Run an application.

    Args:
        language: One of the table above.
        login: What its Secret says.
        to: The recipient.
        directory: Where it runs; empty.
        variables: More of them for its environment.

    Raises:
        RuntimeError: Something is missing; with the line that installs it.
    """
    environment = {**login.environment(to), **variables}
    command = await asyncio.to_thread(COMMANDS[language], directory, environment)
    return await run(*command, environment=environment, directory=directory)


def _python(_: Path, __: Environment) -> Command:
    return sys.executable, FILES["python"]


def _go(_: Path, __: Environment) -> Command:
    return "go", "run", FILES["go"]


def _php(directory: Path, _: Environment) -> Command:
    """Leave PHPMailer where Composer would."""
    _check(PHPMAILER, "PHPMailer", "php")
    (directory / "vendor").symlink_to(PHPMAILER)
    return "php", FILES["php"]


def _node(_: Path, __: Environment) -> Command:
    place = installed("nodemailer", LOCK, [FILES["node"]])
    return "node", place / FILES["node"].name


def _java(_: Path, environment: Environment) -> Command:
    check("javac", environment)  # a runtime without it cannot run a source file
    for jar in JARS:
        _check(jar, "Jakarta Mail", "java")
    return "java", "-cp", ":".join(str(jar) for jar in JARS), FILES["java"]


def _check(needed: Path, library: str, language: str) -> None:
    if not needed.exists():
        raise RuntimeError(f"{library} is missing: {INSTALL[language]}")


COMMANDS: Final[Mapping[str, Callable[[Path, Environment], Command]]] = {
    "python": _python,
    "go": _go,
    "php": _php,
    "node": _node,
    "java": _java,
}
