"""The two cookies of the consent page: which browser it is, and what came of its last consent."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final

from aiohttp import web

from mailbox_operator.consent.flow import DRAWN
from mailbox_operator.decide.machine.consent import LIFETIME
from mailbox_operator.decide.texts.bounded import read_json

BROWSER: Final = "mailbox-consent"
RESULT: Final = "mailbox-result"
RESULT_SECONDS: Final = 120
LONGEST_FACT: Final = 320


@dataclass(frozen=True, slots=True)
class ConsentResult:
    """What came of a consent, from the callback to the page that shows it.

    It is shown and trusted for nothing: whoever changes it deceives only his own browser.

    Attributes:
        reason: A `Reason`.
        facts: Values for the placeholders of its words.
        kept: Whether access was kept, although the mailbox could not be proved yet.
    """

    uid: str
    reason: str
    facts: Mapping[str, str]
    kept: bool


@dataclass(frozen=True, slots=True)
class Cookies:
    """Sets and reads the cookies.

    Attributes:
        secure: Whether browsers come by HTTPS. The prefix then keeps other hosts of the domain from
            setting a cookie here (RFC 6265bis section 4.1.3.2).
        draw: Draws a text of at least 128 random bits.
    """

    secure: bool
    draw: Callable[[], str]

    def browser(self, request: web.Request) -> str:
        """Return the cookie that this browser has; empty if none that was drawn here."""
        found = request.cookies.get(self._name(BROWSER), "")
        return found if DRAWN.fullmatch(found) else ""

    def give_browser(self, response: web.Response, value: str) -> None:
        """Have a browser known again, as long as a consent may take."""
        self._set(response, BROWSER, value, int(LIFETIME.total_seconds()))

    def result(self, request: web.Request, uid: str) -> ConsentResult | None:
        """Return what the last consent for this Mailbox came to; None if there is nothing to show."""
        try:
            content = base64.urlsafe_b64decode(request.cookies.get(self._name(RESULT), ""))
            told = read_json(content)
            facts = {str(k): str(v)[:LONGEST_FACT] for k, v in dict(told["facts"]).items()}
            result = ConsentResult(str(told["uid"]), str(told["reason"]), facts, bool(told["kept"]))
        except (ValueError, KeyError, TypeError):
            return None
        return result if result.uid == uid else None

    def give_result(self, response: web.Response, result: ConsentResult) -> None:
        """Have the next page show what came of a consent."""
        self._set(response, RESULT, self.encoded(result), RESULT_SECONDS)

    @staticmethod
    def encoded(result: ConsentResult) -> str:
        """Write a result as a cookie can hold it."""
        facts = {name: value[:LONGEST_FACT] for name, value in result.facts.items()}
        content = json.dumps({**asdict(result), "facts": facts}).encode()
        return base64.urlsafe_b64encode(content).decode()

    def drop_result(self, response: web.Response) -> None:
        """Forget a result that was shown."""
        response.del_cookie(
            self._name(RESULT), path="/", secure=self.secure, httponly=True, samesite="Lax"
        )

    def _set(self, response: web.Response, name: str, value: str, seconds: int) -> None:
        # Lax, not Strict: the provider's last screen leads here from another site.
        response.set_cookie(
            self._name(name),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="Lax",
        )

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name
