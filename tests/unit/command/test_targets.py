import pytest

from mailbox_operator.command.targets import CommandError, Target
from mailbox_operator.decide.words import Kind


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("jane", Kind.MAILBOX, "jane"),
        ("mailbox/jane", Kind.MAILBOX, "jane"),
        ("Mailboxes/jane", Kind.MAILBOX, "jane"),
        ("mbx/jane", Kind.MAILBOX, "jane"),
        ("snd/app", Kind.SENDER, "app"),
        ("senders/app", Kind.SENDER, "app"),
        ("managedinfrastructure/default", Kind.INFRASTRUCTURE, "default"),
        ("minfra/default", Kind.INFRASTRUCTURE, "default"),
    ],
)
def test_an_object_is_named_as_for_kubectl(text: str, kind: Kind, name: str) -> None:
    assert Target.of(text) == Target(kind, name)


@pytest.mark.parametrize(
    "text", ["secret/jane", "mailbox/", "/jane", "", "/", "mbx/jane/status", "jane?", "jane "]
)
def test_what_names_no_object_of_this_project_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="names no object"):
        Target.of(text)
