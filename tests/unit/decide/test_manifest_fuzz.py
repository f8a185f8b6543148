"""Whatever stands in a file, the parser says what is wrong with it and where."""

from typing import Any, Final

from hypothesis import given, strategies as some

from lab.stand.specs import Spec
from mailbox_operator.decide.declared.infrastructure import (
    parse_infrastructure,
)
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.declared.resource import Unreadable
from mailbox_operator.decide.declared.sender import parse_sender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.names import RECONNECT
from unit.tables import infrastructures, senders, specs

SCALARS: Final = some.none() | some.booleans() | some.integers() | some.floats() | some.text()
JSON: Final = some.recursive(
    SCALARS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)
METADATA: Final = some.fixed_dictionaries(
    {"name": some.text(min_size=1)},
    optional={"annotations": JSON | some.dictionaries(some.just(RECONNECT), JSON)},
)


def tampered(good: list[Spec], paths: list[tuple[str, ...]]) -> some.SearchStrategy[Any]:
    """Take a good spec and put anything into one of its places."""
    return some.builds(put, some.sampled_from(good), some.sampled_from(paths), JSON)


def put(spec: Any, path: tuple[str, ...], value: Any) -> Any:
    head, *rest = path
    inner = spec.get(head, {}) if isinstance(spec, dict) else {}
    return {**spec, head: put(inner, tuple(rest), value) if rest else value}


MAILBOXES: Final = tampered(
    list(specs.GOOD.values()),
    [
        *(
            (name,)
            for name in ("address", "provider", "infrastructure", "suspend", "checkInterval")
        ),
        *((name,) for name in ("google", "outlook", "smtp", "credentialsSecretRef", "displayName")),
        *(("smtp", name) for name in ("host", "port", "security", "preset", "caSecretRef")),
        *(("outlook", name) for name in ("grant", "tenant", "cloud")),
        ("google", "grant"),
        ("credentialsSecretRef", "name"),
    ],
)
OFFERS: Final = tampered(
    list(infrastructures.GOOD.values()),
    [
        *((name,) for name in ("google", "outlook", "relay", "presets", "namespaceSelector")),
        *(("relay", name) for name in ("host", "port", "security", "credentialsSecretRef")),
        *(("outlook", name) for name in ("clientSecretRef", "tenant", "cloud")),
        *(("namespaceSelector", name) for name in ("matchLabels", "matchExpressions")),
    ],
)
SENDERS: Final = tampered(
    list(senders.GOOD.values()),
    [("mailboxes",), ("mailboxes", "names"), ("secretName",), ("loginRevision",), ("suspend",)],
)


def is_explained(subject: Subject) -> bool:
    if not isinstance(subject, Unreadable):
        return subject.spec is not None
    problem = subject.problem
    named = problem.facts["field"].startswith(("spec", "metadata"))
    return problem.reason is Reason.INVALID_SPEC and named and bool(problem.facts["problem"])


@given(metadata=METADATA, spec=JSON | MAILBOXES, status=JSON)
def test_a_mailbox_is_read_or_explained(metadata: Any, spec: Any, status: Any) -> None:
    found = parse_mailbox({"metadata": metadata, "spec": spec, "status": status})

    assert isinstance(found, Mailbox)
    assert is_explained(found)


@given(metadata=METADATA, spec=JSON | OFFERS, status=JSON)
def test_an_infrastructure_is_read_or_explained(metadata: Any, spec: Any, status: Any) -> None:
    assert is_explained(
        parse_infrastructure({"metadata": metadata, "spec": spec, "status": status})
    )


@given(metadata=METADATA, spec=JSON | SENDERS, status=JSON)
def test_a_sender_is_read_or_explained(metadata: Any, spec: Any, status: Any) -> None:
    assert is_explained(parse_sender({"metadata": metadata, "spec": spec, "status": status}))


@given(items=some.lists(JSON, max_size=3))
def test_a_preset_is_read_or_explained(items: list[Any]) -> None:
    presets = [{"name": "Acme", "host": "smtp.acme.example"}, *items]

    assert is_explained(
        parse_infrastructure({"metadata": {"name": "x"}, "spec": {"presets": presets}})
    )


@given(item=some.dictionaries(some.sampled_from(["key", "operator", "values"]), JSON))
def test_a_requirement_is_read_or_explained(item: Any) -> None:
    spec = {"namespaceSelector": {"matchExpressions": [item]}}

    assert is_explained(parse_infrastructure({"metadata": {"name": "x"}, "spec": spec}))
