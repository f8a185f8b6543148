"""What is known of one provider's submission server."""

import re
from dataclasses import dataclass
from enum import StrEnum

from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security


class UsernameFormat(StrEnum):
    """What a server takes as the login name when the Secret names none."""

    ADDRESS = "Address"
    LOCAL_PART = "LocalPart"
    DOTTED = "Dotted"
    """The address with a full stop in place of the at sign; no platform's preset may ask for it."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider's submission server.

    Attributes:
        domains: Address domains that are its own.
        mx_suffixes: Ends of MX host names that tell it serves a domain.
        app_password_url: Where an app password is made; empty where the account's own will do.
        login: The login name where it is always the same; empty otherwise.
        aliases: Other names of the same server.
        app_password_name: What the provider calls an app password, if it has its own word.
        app_password_if: When an app password is needed; empty where it always is.
        app_password_form: What its app passwords look like, where they have a form of their own.
        remark: What else has to be right there before a password is accepted, as an order.
    """

    name: str
    endpoint: Endpoint
    domains: tuple[str, ...] = ()
    mx_suffixes: tuple[str, ...] = ()
    username: UsernameFormat = UsernameFormat.ADDRESS
    app_password_url: str = ""
    login: str = ""
    aliases: tuple[str, ...] = ()
    app_password_name: str = ""
    app_password_if: str = ""
    app_password_form: re.Pattern[str] | None = None
    remark: str = ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """All names of the server, in lower case."""
        return (self.endpoint.host.lower(), *self.aliases)

    @property
    def wants_app_password(self) -> bool:
        """Whether the account's own password is never accepted."""
        known = self.app_password_url or self.app_password_name
        return bool(known) and not self.app_password_if

    def is_app_password(self, password: str) -> bool:
        """Say whether a password has the form of this provider's app passwords."""
        form = self.app_password_form
        return form is not None and form.fullmatch(password) is not None

    @property
    def app_password_advice(self) -> str:
        """Where app passwords are made and what they are called there, after `an app password`."""
        called = f" ({self.app_password_name})" if self.app_password_name else ""
        return f"{called} at {self.app_password_url}" if self.app_password_url else called

    def password_advice(self, password: str) -> str:
        """Say what else may explain that a password was refused, as the end of a sentence."""
        remark = f"; {self.remark}" if self.remark else ""
        if self.is_app_password(password):
            new = f"if it was revoked, create another{self.app_password_advice}"
            return f"{remark}; it has the form of an app password: {new}"
        if not self.app_password_if:
            return remark
        return f"{remark}; {self.app_password_if}, create an app password{self.app_password_advice}"

    def username_for(self, address: str) -> str:
        """Return the login name that goes with an address."""
        local, _, domain = address.rpartition("@")
        forms = {
            UsernameFormat.ADDRESS: address,
            UsernameFormat.LOCAL_PART: local,
            UsernameFormat.DOTTED: f"{local}.{domain}",
        }
        return self.login or forms[self.username]


def by_starttls(host: str, port: int = 587) -> Endpoint:
    """Name a server that speaks STARTTLS."""
    return Endpoint(host, port, Security.STARTTLS)


def by_tls(host: str) -> Endpoint:
    """Name a server that speaks TLS from its first byte."""
    return Endpoint(host, 465, Security.TLS)
