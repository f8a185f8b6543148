"""SMTP replies as the providers send them, and what each of them means.

`decide` reads the table, and a server on the loopback plays it to the real client.
"""

from typing import Final

from unit.tables.replies_exchange import EXCHANGE
from unit.tables.replies_google import GMAIL
from unit.tables.replies_kinds import KINDS
from unit.tables.replies_logins import LOGINS
from unit.tables.replies_others import OTHERS, STANDARDS
from unit.tables.reply import Row

__all__ = ["REPLIES", "Row"]

REPLIES: Final[tuple[Row, ...]] = (*GMAIL, *EXCHANGE, *OTHERS, *STANDARDS, *KINDS, *LOGINS)
