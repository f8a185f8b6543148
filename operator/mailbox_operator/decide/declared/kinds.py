"""The kinds there are, and what each says about itself."""

from collections.abc import Mapping
from typing import Final, assert_never

from mailbox_operator.decide.declared.infrastructure import INFRASTRUCTURE, ManagedInfrastructure
from mailbox_operator.decide.declared.mailbox import MAILBOX, Mailbox
from mailbox_operator.decide.declared.resource import KindOf
from mailbox_operator.decide.declared.sender import SENDER, Sender
from mailbox_operator.decide.words import Kind

Subject = Mailbox | ManagedInfrastructure | Sender
"""An object that is looked after, of any kind."""


def _kind(kind: Kind) -> KindOf[Subject]:
    match kind:
        case Kind.MAILBOX:
            return MAILBOX
        case Kind.INFRASTRUCTURE:
            return INFRASTRUCTURE
        case Kind.SENDER:
            return SENDER
        case _:
            assert_never(kind)


KINDS: Final[Mapping[Kind, KindOf[Subject]]] = {each: _kind(each) for each in Kind}
