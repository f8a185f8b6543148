"""The pages, by the template engine: whatever is put into one is escaped there.

The only door of jinja2.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailbox_operator.decide.declared.providers.access import Permission

HERE: Final = Path(__file__).parent
STATIC: Final = HERE / "static"
VERSION_LENGTH: Final = 12


class Tone(StrEnum):
    """How a notice is meant; it has a sign and a word beside its colour."""

    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Notice:
    """What has come of something.

    Attributes:
        remark: What else is good to know; empty if nothing.
    """

    tone: Tone
    heading: str
    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What there is to click.

    Attributes:
        choose: Whether the person is to be asked which account to use.
        primary: Whether it is what most who come here want.
    """

    label: str
    choose: bool = False
    primary: bool = True


@dataclass(frozen=True, slots=True)
class MailboxView:
    """What the page of a mailbox shows.

    Attributes:
        provider: As people call it.
        facts: What is being connected, by label.
        permissions: What will be asked for; empty where nothing will be.
        details: For whoever runs the platform or administers the organisation, by label.
    """

    address: str
    provider: str
    facts: tuple[tuple[str, str], ...]
    details: tuple[tuple[str, str], ...]
    permissions: tuple[Permission, ...]
    notice: Notice | None
    button: Button | None


@dataclass(frozen=True, slots=True)
class TroubleView:
    """What the page of a trouble shows.

    Attributes:
        back: Where to begin again; empty if nobody knows.
    """

    notice: Notice
    back: str


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders pages.

    Attributes:
        base: Path below which everything is served.
    """

    base: str = ""
    _environment: Environment = field(default_factory=_environment, repr=False)

    def mailbox(self, view: MailboxView) -> str:
        """Render the page of a mailbox."""
        return self._rendered("mailbox.html", view=view)

    def trouble(self, view: TroubleView) -> str:
        """Render the page that says why a step was not taken."""
        return self._rendered("trouble.html", view=view)

    def leaving(self, url: str, provider: str) -> str:
        """Render the page that takes a browser to the provider."""
        return self._rendered("leaving.html", url=url, provider=provider)

    def _rendered(self, template: str, **content: Any) -> str:
        static = f"{self.base}/static"
        return self._environment.get_template(template).render(
            **content, static=static, version=_version()
        )


def _version() -> str:
    """Name the present style sheet, so that no browser shows a page in a former one."""
    return sha256((STATIC / "consent.css").read_bytes()).hexdigest()[:VERSION_LENGTH]


def statics() -> Iterator[tuple[str, Callable[[web.Request], Awaitable[web.Response]]]]:
    """Read the files that pages refer to; return each name with what sends it, from memory."""
    for path in sorted(STATIC.iterdir()):
        yield path.name, _file(path)


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.Response]]:
    content, kind = path.read_bytes(), guess_type(path.name)[0]

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind or "application/octet-stream")

    return show
