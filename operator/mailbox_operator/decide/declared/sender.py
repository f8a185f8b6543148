"""A Sender: an application's right to send through mailboxes of its namespace, with its own login."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mailbox_operator.decide.declared.fields import REQUIRED, Fields, read_all
from mailbox_operator.decide.declared.limits import UNLIMITED, Limits, read_limits
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import (
    Key,
    KindOf,
    Unreadable,
    Watched,
    metadata_of,
    read_spec,
)
from mailbox_operator.decide.declared.selector import (
    SELECTOR_FIELDS,
    Requirement,
    parse_selector,
)
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.texts.shapes import LONGEST_SENDER, NAME
from mailbox_operator.decide.words import Choose, FromHeader, Infrastructure, Kind

SENDER_FIELDS: Final = (
    "mailboxes", "choose", "from", "limits", "secretName", "loginRevision", "suspend",
)  # fmt: skip
MAILBOXES_FIELDS: Final = ("names", "selector")
MOST_MAILBOXES: Final = 100
HIGHEST_REVISION: Final = 1_000_000_000
SUFFIX: Final = "-smtp"
"""What the name of the binding Secret ends with, unless it is stated."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What a Sender asks for.

    Attributes:
        names: Mailboxes of the same namespace that it may send as; none where a selector says which.
        selector: What the labels of Mailboxes have to meet; None where they are named.
        choose: Who chooses the Mailbox of a message.
        from_header: What becomes of the address in its header From.
        limits: What it may send in all.
        secret: Name of its binding Secret; None for the Sender's own name and `-smtp`.
        revision: Of its password; raising it by one makes a new one.
        suspend: Whether nothing is sent for now.
    """

    names: tuple[str, ...]
    selector: tuple[Requirement, ...] | None = None
    choose: Choose = Choose.BY_ENVELOPE
    from_header: FromHeader = FromHeader.VERIFY
    limits: Limits = UNLIMITED
    secret: str | None = None
    revision: int = 0
    suspend: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sends(Watched):
    """What every Sender answers, whether its spec can be read or not."""

    @property
    def infrastructure(self) -> Infrastructure:
        """Whose move its trouble is: the owner's."""
        return Infrastructure.PRIVATE

    @property
    def destination(self) -> str:
        """What it dials: nobody; its Secret is written at the API server."""
        return "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadableSender(Sends):
    """A Sender that says which mailboxes it sends through."""

    spec: Sending

    @property
    def suspended(self) -> bool:
        """Whether it is to be left alone."""
        return self.spec.suspend

    @property
    def selects(self) -> Iterable[str]:
        """Name the Mailboxes of its namespace that it sends through; none where labels say which."""
        return self.spec.names

    @property
    def is_of_several(self) -> bool:
        """Whether it may send through more than one Mailbox."""
        return self.spec.selector is not None or len(self.spec.names) > 1

    def admits(self, mailbox: Mailbox) -> bool:
        """Say whether it sends through a Mailbox of its namespace."""
        if self.spec.selector is None:
            return mailbox.key.name in self.spec.names
        labels = mailbox.labels
        return labels is not None and all(each.admits(labels) for each in self.spec.selector)

    @property
    def binding(self) -> str:
        """Name of the Secret that is written for it."""
        return self.spec.secret or f"{self.key.name}{SUFFIX}"

    @property
    def facts(self) -> Mapping[str, str]:
        """What messages can say about it."""
        by_name = f"the name {', '.join(self.spec.names[:3])}"
        which = by_name if self.spec.selector is None else "the labels of spec.mailboxes.selector"
        return {"secret": f"Secret {self.binding}", "name_or_labels": which}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableSender(Sends, Unreadable):
    """A Sender whose spec cannot be read."""

    problem: Fault


Sender = ReadableSender | UnreadableSender
"""One Sender of the cluster."""


def parse_sender(body: Mapping[str, Any]) -> Sender:
    """Read a Sender as the API server sends it, or as it stands in a file."""
    metadata = body["metadata"]
    key = Key(Kind.SENDER, metadata.get("namespace", "default"), metadata["name"])
    match read_spec(key, body.get("spec"), parse_sending, LONGEST_SENDER):
        case Fault() as problem:
            return UnreadableSender(problem=problem, **metadata_of(key, body))
        case spec:
            return ReadableSender(spec=spec, **metadata_of(key, body))


SENDER: Final = KindOf("senders", "sender", namespaced=True, connects=False, parse=parse_sender)


def parse_sending(content: Any) -> Sending:
    """Read `spec`.

    Raises:
        Fault: `InvalidSpec`, with each field that is wrong and what is wrong with it.
    """
    return read_all(content, "spec", SENDER_FIELDS, _sending)


def _sending(fields: Fields) -> Sending:
    names, selector = _mailboxes(fields)
    sending = Sending(
        names=names,
        selector=selector,
        choose=fields.word("choose", Choose, Choose.BY_ENVELOPE),
        from_header=fields.word("from", FromHeader, FromHeader.VERIFY),
        limits=read_limits(fields, "limits"),
        secret=fields.text_or_none("secretName", NAME),
        revision=fields.number("loginRevision", 0, HIGHEST_REVISION),
        suspend=fields.flag("suspend"),
    )
    if sending.choose is Choose.BY_RECIPIENT and sending.from_header is not FromHeader.REWRITE:
        fields.refuse(
            "from", "choose ByRecipient needs Rewrite: no application knows who will send"
        )
    return sending


def _mailboxes(fields: Fields) -> tuple[tuple[str, ...], tuple[Requirement, ...] | None]:
    if not fields.has("mailboxes"):
        fields.refuse("mailboxes", REQUIRED)
        return (), None
    block = fields.fields("mailboxes", MAILBOXES_FIELDS)
    names = block.texts("names", NAME, MOST_MAILBOXES, distinct=True)
    if not block.has("selector"):
        if not names and block.is_right("names"):
            block.refuse("names", "it must name a Mailbox at the least")
        return names, None
    if block.has("names"):
        block.refuse("selector", "state names or a selector, and not both")
    return (), parse_selector(block.fields("selector", SELECTOR_FIELDS))
