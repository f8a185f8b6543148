"""Tells which password logins are tries at the same account, whatever they are spelled like.

An account goes by several names: by its server's site, by the very host where the user name has no
domain, and by the address that was dialled. Tries that share one of the names count together. To
count too many together delays a first login at the worst; a password that worked is not held back.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final

from mailbox_operator.decide.texts.addresses import GMAIL
from mailbox_operator.decide.texts.shapes import is_within

HIDDEN: Final = frozenset({"Cc", "Cf"})
"""Unicode's categories of what cannot be seen."""
DIGEST_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class PasswordLogin:
    """A login with a password that is about to be made.

    Attributes:
        host: Of the server, as it was stated or found.
        namespace: Of the Mailbox; empty for a login of the platform's own.
        shared: Every customer of the server has this user name, so each namespace counts by itself.
        proved: The Mailbox's status says that the server accepted this very login.
    """

    host: str
    username: str = field(repr=False)
    password: str = field(repr=False)
    namespace: str = ""
    shared: bool = False
    proved: bool = False


@dataclass(frozen=True, slots=True)
class TriedLogin:
    """The same as keyed digests, which can be kept: nobody reads accounts out of them.

    Attributes:
        accounts: Names of the account; one or more.
        namespace: Empty for a login of the platform's own.
        credential: Of server, user name and password.
    """

    accounts: tuple[str, ...]
    namespace: str
    credential: str
    proved: bool = False


def tried(login: PasswordLogin, key: bytes) -> TriedLogin:
    """Digest a login, before its server is reached.

    Args:
        login: The login.
        key: Random; up to 64 bytes.
    """
    scope = _scope(login)
    names = dict.fromkeys(names_of(login.host, login.username))
    secret = f"{scope}\0{login.username}\0{login.password}"
    return TriedLogin(
        accounts=tuple(_digest(key, f"{scope}\0{name}") for name in names),
        namespace=_digest(key, f"namespace\0{login.namespace}") if login.namespace else "",
        credential=_digest(key, f"{spelled_host(login.host)}\0{secret}"),
        proved=login.proved,
    )


def reached(known: TriedLogin, login: PasswordLogin, address: str, key: bytes) -> TriedLogin:
    """Add the name that the account goes by at the address that was dialled.

    Args:
        known: The digests of the login, made with that key.
        login: The login.
        address: Empty where it is not known.
        key: As for `tried`.
    """
    local, domain = user_of(login.username, site_of(spelled_host(login.host)))
    user = f"{local}@{domain}" if domain else local
    name = _digest(key, f"{_scope(login)}\0{address}\0{user}")
    if not address or name in known.accounts:
        return known
    return replace(known, accounts=(*known.accounts, name))


def _scope(login: PasswordLogin) -> str:
    return login.namespace if login.shared else ""


def names_of(host: str, username: str) -> Iterator[str]:
    """Return the names that an account goes by at a host; the same account shares at least one.

    Args:
        host: Of the server.
        username: As it is sent.
    """
    server = spelled_host(host)
    site = site_of(server)
    local, domain = user_of(username, site)
    if domain:
        yield f"{site}\0{local}@{domain}"
    if not domain or is_within(server, domain):
        yield f"{server}\0{local}"


def spelled_host(host: str) -> str:
    """Write a host name in one way: lower case, ASCII, no full stop at the end."""
    if not host.isascii():
        with suppress(UnicodeError):  # no name server knows it either
            host = host.encode("idna").decode()
    return host.lower().rstrip(".")


def site_of(server: str) -> str:
    """Return whose server it is: the last two labels of its name; all of an IP address."""
    labels = server.split(".")
    return server if ":" in server or labels[-1].isdigit() else ".".join(labels[-2:])


def user_of(username: str, site: str) -> tuple[str, str]:
    """Return local part and domain as servers understand a user name; the domain may be empty.

    A name ends at a NUL for many servers. Case, width, blanks around it and what cannot be seen make
    no difference; neither do dots, nor what follows a plus sign, at Gmail.

    Source:
        RFC 4013 (SASLprep) sections 2.1 and 2.2.
    """
    seen = username.lower()
    if not (seen.isascii() and seen.isprintable()):
        folded = unicodedata.normalize("NFKC", username.partition("\0")[0]).casefold()
        seen = "".join(each for each in folded if unicodedata.category(each) not in HIDDEN)
    local, at, domain = seen.strip().rpartition("@")
    if not at:
        local, domain = domain, site if site in GMAIL else ""
    domain = domain.rstrip(".")
    if domain in GMAIL:
        return local.partition("+")[0].replace(".", ""), "gmail.com"
    return local, domain


def _digest(key: bytes, text: str) -> str:
    encoded = text.encode(errors="surrogatepass")
    return blake2b(encoded, key=key, digest_size=DIGEST_BYTES).hexdigest()
