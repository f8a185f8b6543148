"""The words of every finding. docs/reasons.md has this table as well, and a test compares the two."""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.finding import Finding, Words
from mailbox_operator.decide.failure.oauth_findings import BY_OAUTH
from mailbox_operator.decide.failure.server_findings import AT_SERVERS

WORDS_OF: Final[Mapping[Finding, Words]] = {**AT_SERVERS, **BY_OAUTH}
