"""Where a mailbox's turn lies, and whom it will dial."""

import pytest

from mailbox_operator.decide.declared.infrastructure import parse_infrastructure
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from mailbox_operator.decide.machine.backoff import phase


def test_a_phase_is_always_the_same_for_a_uid_and_another_for_another() -> None:
    phases = [phase(f"uid-{number}") for number in range(1000)]

    assert phases == [phase(f"uid-{number}") for number in range(1000)]
    assert len(set(phases)) == 1000
    assert all(0 <= found < 1 for found in phases)


@pytest.mark.parametrize(
    ("spec", "destination"),
    [
        ({"provider": "Google", "infrastructure": "Managed"}, "Google"),
        ({"provider": "SMTP", "smtp": {"host": "smtp.acme.example"}}, "smtp.acme.example"),
        ({"provider": "SMTP", "smtp": {"preset": "Zoho"}}, "zoho"),
        ({"provider": "SMTP", "smtp": {"host": "SMTP.Acme.Example"}}, "smtp.acme.example"),
        ({"provider": "SMTP", "infrastructure": "Managed"}, "acme.example"),
        ({"provider": "Pigeon"}, "nobody"),
    ],
)
def test_a_mailbox_says_whom_it_will_dial(spec: dict[str, object], destination: str) -> None:
    oauth = spec.get("infrastructure") == "Managed" and spec["provider"] != "SMTP"
    known: dict[str, object] = {"address": "jane@acme.example", "infrastructure": "Private"}
    known |= {} if oauth else {"credentialsSecretRef": {"name": "jane"}}

    mailbox = parse_mailbox({"metadata": {"name": "jane"}, "spec": {**known, **spec}})

    assert mailbox.destination == destination


def test_an_infrastructure_dials_the_platforms_own() -> None:
    assert parse_infrastructure({"metadata": {"name": "default"}}).destination == "platform"
