"""Specs of Senders, good and bad, as `specs` has those of Mailboxes."""

from collections.abc import Mapping
from typing import Any, Final

from lab.stand.specs import Spec


def names(*names: str, **more: Any) -> Spec:
    """Name these Mailboxes."""
    return {"mailboxes": {"names": list(names)}, **more}


GOOD: Final[Mapping[str, Spec]] = {
    "one mailbox": names("noreply"),
    "two mailboxes": names("noreply", "support.team"),
    "a hundred mailboxes": names(*(f"mailbox-{number}" for number in range(100))),
    "every field": names("noreply", secretName="login", loginRevision=3, suspend=True),
}
BAD: Final[Mapping[str, tuple[Spec, str]]] = {
    "no mailboxes": ({}, "spec.mailboxes"),
    "no names": ({"mailboxes": {}}, "spec.mailboxes.names"),
    "an empty list": (names(), "spec.mailboxes.names"),
    "one name twice": (names("noreply", "noreply"), "spec.mailboxes.names"),
    "a hundred and one": (names(*(f"m-{number}" for number in range(101))), "spec.mailboxes.names"),
    "a name in capitals": (names("NoReply"), "spec.mailboxes.names[0]"),
    "an empty name": (names(""), "spec.mailboxes.names[0]"),
    "a selector": (
        {"mailboxes": {"names": ["noreply"], "selector": {"matchLabels": {"team": "sales"}}}},
        "spec.mailboxes.selector",
    ),
    "a Secret's name in capitals": (names("noreply", secretName="Login"), "spec.secretName"),
    "a negative revision": (names("noreply", loginRevision=-1), "spec.loginRevision"),
    "a revision without end": (names("noreply", loginRevision=10**9 + 1), "spec.loginRevision"),
    "a limit": (names("noreply", limits={"perDay": 5}), "spec.limits"),
}
"""By what is wrong: the spec, and the field that is named."""

MISTAKES: Final[Mapping[str, tuple[Spec, str]]] = {
    "an address": (names("noreply@acme.example"), "Its address is not its name"),
    "a namespace": (names("other/noreply"), "a namespace is not named"),
}
"""By what is wrong: the spec, and what the API server says to do."""

TRANSITIONS: Final[Mapping[str, tuple[Spec, Spec, str]]] = {
    "another Secret": (
        names("noreply", secretName="one"),
        names("noreply", secretName="two"),
        "The secretName of a Sender cannot change",
    ),
    "a Secret that is named later": (
        names("noreply"),
        names("noreply", secretName="two"),
        "The secretName of a Sender cannot change",
    ),
    "a Secret that is named no more": (
        names("noreply", secretName="one"),
        names("noreply"),
        "The secretName of a Sender cannot change",
    ),
}
