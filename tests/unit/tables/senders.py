"""Specs of Senders, good and bad, as `specs` has those of Mailboxes."""

from collections.abc import Mapping
from typing import Any, Final

from lab.stand.specs import Spec


def names(*names: str, **more: Any) -> Spec:
    """Name these Mailboxes."""
    return {"mailboxes": {"names": list(names)}, **more}


def selected(selector: Any, **more: Any) -> Spec:
    """Select Mailboxes by their labels."""
    return {"mailboxes": {"selector": selector}, **more}


BY_RECIPIENT: Final[Spec] = {"choose": "ByRecipient", "from": "Rewrite"}

GOOD: Final[Mapping[str, Spec]] = {
    "one mailbox": names("noreply"),
    "two mailboxes": names("noreply", "support.team"),
    "a hundred mailboxes": names(*(f"mailbox-{number}" for number in range(100))),
    "every field": names("noreply", secretName="login", loginRevision=3, suspend=True),
    "a selector": selected({"matchLabels": {"campaign": "spring"}}),
    "a selector of all": selected({}),
    "an expression": selected({"matchExpressions": [{"key": "cold", "operator": "DoesNotExist"}]}),
    "chosen by recipient": selected({}, **BY_RECIPIENT),
    "chosen by envelope": names("noreply", choose="ByEnvelope"),
    "rewritten": names("noreply", **{"from": "Rewrite"}),
    "a limit": names("noreply", limits={"perDay": 5}),
}
BAD: Final[Mapping[str, tuple[Spec, str]]] = {
    "no mailboxes": ({}, "spec.mailboxes"),
    "no names": ({"mailboxes": {}}, "spec.mailboxes"),
    "an unknown label key": (
        selected({"matchLabels": {"a b": "c"}}),
        "spec.mailboxes.selector.matchLabels",
    ),
    "values missing": (
        selected({"matchExpressions": [{"key": "cold", "operator": "In"}]}),
        "spec.mailboxes.selector.matchExpressions[0].values",
    ),
    "chosen by recipient, verified": (names("noreply", choose="ByRecipient"), "spec.from"),
    "chosen by chance": (names("noreply", choose="Random"), "spec.choose"),
    "another word for from": (names("noreply", **{"from": "Replace"}), "spec.from"),
    "no limit": (names("noreply", limits={"perDay": 0}), "spec.limits.perDay"),
    "a limit that is too high": (
        names("noreply", limits={"perDay": 1_000_001}),
        "spec.limits.perDay",
    ),
    "a limit of another kind": (names("noreply", limits={"every": "5m"}), "spec.limits.every"),
    "an empty list": (names(), "spec.mailboxes.names"),
    "one name twice": (names("noreply", "noreply"), "spec.mailboxes.names"),
    "a hundred and one": (names(*(f"m-{number}" for number in range(101))), "spec.mailboxes.names"),
    "a name in capitals": (names("NoReply"), "spec.mailboxes.names[0]"),
    "an empty name": (names(""), "spec.mailboxes.names[0]"),
    "names and a selector": (
        {"mailboxes": {"names": ["noreply"], "selector": {"matchLabels": {"team": "sales"}}}},
        "spec.mailboxes",
    ),
    "a Secret's name in capitals": (names("noreply", secretName="Login"), "spec.secretName"),
    "a negative revision": (names("noreply", loginRevision=-1), "spec.loginRevision"),
    "a revision without end": (names("noreply", loginRevision=10**9 + 1), "spec.loginRevision"),
}
"""By what is wrong: the spec, and the field that is named."""

MISTAKES: Final[Mapping[str, tuple[Spec, str]]] = {
    "an address": (names("noreply@acme.example"), "Its address is not its name"),
    "a namespace": (names("other/noreply"), "a namespace is not named"),
    "neither names nor a selector": ({"mailboxes": {}}, "State names or a selector"),
    "nobody rewrites": (names("noreply", choose="ByRecipient"), "needs from: Rewrite"),
    "a key with a space": (selected({"matchLabels": {"a b": "c"}}), "A key of matchLabels must"),
    "In without values": (
        selected({"matchExpressions": [{"key": "cold", "operator": "In"}]}),
        "The operators In and NotIn need values",
    ),
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
