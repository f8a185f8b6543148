"""Clicks through a consent as a person would, without a browser: the pages need no script."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import requests

TIMEOUT_SECONDS: Final = 30


class ClickError(Exception):
    """A page is not as a person would expect it."""


@dataclass(slots=True)
class Page(HTMLParser):
    """What can be done on a page.

    Attributes:
        refresh: Where it leads by itself; empty if it stays.
        inputs: What its form holds.
    """

    text: str
    refresh: str = ""
    inputs: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super(Page, self).__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of what leads on."""
        told = {name: value or "" for name, value in attrs}
        if tag == "meta" and told.get("http-equiv") == "refresh":
            self.refresh = told["content"].partition("url=")[2]
        if tag == "input" and "name" in told:
            self.inputs[told["name"]] = told.get("value", "")


def click_through(link: str, authority: Path | None = None) -> None:
    """Open a consent link, click the button, and allow everything.

    Args:
        link: The Mailbox's `status.consentURL`.
        authority: PEM file of who vouches for the provider's screens; the public authorities unless
            given.

    Raises:
        ClickError: The last page does not say that the mailbox is connected.
    """
    # Named with each request: of a session's own, REQUESTS_CA_BUNDLE would count first.
    options: Any = {"timeout": TIMEOUT_SECONDS, "verify": str(authority) if authority else True}
    with requests.Session() as browser:
        leaving = Page(browser.post(link, **options).text)
        asked = browser.get(leaving.refresh, **options)
        answer = {**Page(asked.text).inputs, "answer": "allow"}
        arrived = browser.post(asked.url, answer, **options)
    if "has just succeeded" not in arrived.text:
        raise ClickError(f"The consent at {link} came to nothing.")
