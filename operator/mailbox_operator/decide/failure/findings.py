"""The words of every finding. `make docs` writes them into docs/reasons.md."""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.finding import Finding, Words
from mailbox_operator.decide.failure.oauth_findings import BY_OAUTH
from mailbox_operator.decide.failure.server_findings import AT_SERVERS

WORDS_OF: Final[Mapping[Finding, Words]] = {**AT_SERVERS, **BY_OAUTH}
