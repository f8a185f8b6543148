"""The providers there are, and what each says about itself."""

from collections.abc import Mapping
from typing import Final, assert_never

from mailbox_operator.decide.declared.providers.access import Declaration, OAuth
from mailbox_operator.decide.declared.providers.google import GOOGLE
from mailbox_operator.decide.declared.providers.outlook import OUTLOOK
from mailbox_operator.decide.declared.providers.smtp import SMTP
from mailbox_operator.decide.words import Provider


def _declaration(provider: Provider) -> Declaration:
    match provider:
        case Provider.GOOGLE:
            return GOOGLE
        case Provider.OUTLOOK:
            return OUTLOOK
        case Provider.SMTP:
            return SMTP
        case _:
            assert_never(provider)


PROVIDERS: Final[Mapping[Provider, Declaration]] = {each: _declaration(each) for each in Provider}
"""In the order of the manifests."""

OAUTH_PROVIDERS: Final[Mapping[Provider, OAuth]] = {
    each: declared.oauth for each, declared in PROVIDERS.items() if declared.oauth
}
"""Those whose mailboxes sign in by token."""


def block_of(provider: Provider) -> str:
    """Name a provider's block in a manifest."""
    return provider.value.lower()
