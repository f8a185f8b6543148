"""Well-known mail servers: by name, by the address's domain, or by the domain's MX.

Hosts and ports are public facts, from the providers' help pages and from the two large public tables
of such settings (Thunderbird's autoconfig and Nodemailer's well-known services), compared in 2026.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Security


class UsernameFormat(StrEnum):
    """What a server takes as the login name when the Secret names none."""

    ADDRESS = "Address"
    LOCAL_PART = "LocalPart"


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider's submission server.

    Attributes:
        domains: Address domains that are its own.
        mx_suffixes: Ends of MX host names that tell it serves a domain.
        app_password_url: Where an app password is made; empty where the account's own will do.
        login: The login name where it is always the same; empty otherwise.
    """

    name: str
    endpoint: Endpoint
    domains: tuple[str, ...] = ()
    mx_suffixes: tuple[str, ...] = ()
    username: UsernameFormat = UsernameFormat.ADDRESS
    app_password_url: str = ""
    login: str = ""

    def username_for(self, address: str) -> str:
        """Return the login name that goes with an address."""
        local = self.username is UsernameFormat.LOCAL_PART
        return self.login or (address.rpartition("@")[0] if local else address)


def _starttls(host: str, port: int = 587) -> Endpoint:
    return Endpoint(host, port, Security.STARTTLS)


def _tls(host: str) -> Endpoint:
    return Endpoint(host, 465, Security.TLS)


PRESETS: Final[tuple[Preset, ...]] = (
    Preset("Gmail", _starttls("smtp.gmail.com"), ("gmail.com", "googlemail.com"),
           ("google.com", "googlemail.com"), app_password_url="https://myaccount.google.com/apppasswords"),
    Preset("Microsoft365", _starttls("smtp.office365.com"), (), ("protection.outlook.com",)),
    Preset("OutlookCom", _starttls("smtp-mail.outlook.com"),
           ("outlook.com", "hotmail.com", "live.com", "msn.com"), ("olc.protection.outlook.com",)),
    Preset("Yahoo", _tls("smtp.mail.yahoo.com"), ("yahoo.com", "ymail.com", "rocketmail.com"),
           ("yahoodns.net",), app_password_url="https://login.yahoo.com/account/security"),
    Preset("AOL", _tls("smtp.aol.com"), ("aol.com",),
           app_password_url="https://login.aol.com/account/security"),
    Preset("iCloud", _starttls("smtp.mail.me.com"), ("icloud.com", "me.com", "mac.com"),
           ("mail.icloud.com",), app_password_url="https://account.apple.com/account/manage"),
    Preset("Zoho", _tls("smtp.zoho.com"), ("zoho.com", "zohomail.com")),
    Preset("ZohoEU", _tls("smtp.zoho.eu"), ("zoho.eu", "zohomail.eu")),
    Preset("ZohoIN", _tls("smtp.zoho.in"), ("zoho.in", "zohomail.in")),
    Preset("ZohoPro", _tls("smtppro.zoho.com"), (), ("zoho.com",)),
    Preset("ZohoProEU", _tls("smtppro.zoho.eu"), (), ("zoho.eu",)),
    Preset("ZohoProIN", _tls("smtppro.zoho.in"), (), ("zoho.in",)),
    Preset("Fastmail", _tls("smtp.fastmail.com"), ("fastmail.com", "fastmail.fm"),
           ("messagingengine.com",), app_password_url="https://app.fastmail.com/settings/security"),
    Preset("GMX", _tls("mail.gmx.net"), ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"), ("gmx.net",)),
    Preset("GMXCom", _tls("mail.gmx.com"), ("gmx.com", "gmx.us", "gmx.co.uk")),
    Preset("WebDe", _tls("smtp.web.de"), ("web.de",), ("web.de",), UsernameFormat.LOCAL_PART),
    Preset("MailCom", _tls("smtp.mail.com"), ("mail.com", "email.com")),
    Preset("TOnline", _tls("securesmtp.t-online.de"), ("t-online.de", "magenta.de")),
    Preset("MailRu", _tls("smtp.mail.ru"), ("mail.ru", "inbox.ru", "list.ru", "bk.ru"), ("mail.ru",),
           app_password_url="https://account.mail.ru/user/2-step-auth/passwords"),
    Preset("Yandex", _tls("smtp.yandex.com"), ("yandex.com", "yandex.ru", "ya.ru"), ("yandex.net",),
           app_password_url="https://id.yandex.com/security/app-passwords"),
    Preset("OVH", _tls("ssl0.ovh.net"), (), ("mail.ovh.net",)),
    Preset("Gandi", _tls("mail.gandi.net"), (), ("mail.gandi.net",)),
    Preset("Strato", _tls("smtp.strato.de"), (), ("rzone.de",)),
    Preset("Rackspace", _tls("secure.emailsrvr.com"), (), ("emailsrvr.com",)),
    Preset("SendGrid", _starttls("smtp.sendgrid.net"), login="apikey"),
    Preset("Mailgun", _starttls("smtp.mailgun.org")),
    Preset("Brevo", _starttls("smtp-relay.brevo.com")),
    Preset("Postmark", _starttls("smtp.postmarkapp.com")),
    Preset("Resend", _tls("smtp.resend.com"), login="resend"),
    Preset("Mandrill", _starttls("smtp.mandrillapp.com")),
)  # fmt: skip


def by_name(name: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find a preset by its name; those of the platform come before the built-in ones."""
    wanted = name.casefold()
    return next((found for found in (*more, *PRESETS) if found.name.casefold() == wanted), None)


def by_domain(domain: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find the preset of an address's own domain."""
    return next((found for found in (*more, *PRESETS) if domain.lower() in found.domains), None)


def by_host(host: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find what is known of a server that was named outright."""
    wanted = host.lower()
    return next(
        (found for found in (*more, *PRESETS) if found.endpoint.host.lower() == wanted), None
    )


def by_mx(exchanges: Iterable[str], more: Iterable[Preset] = ()) -> Preset | None:
    """Find the preset of a domain by its mail exchangers; the longest matching suffix wins."""
    matches = [
        (len(suffix), preset)
        for exchange in exchanges
        for preset in (*more, *PRESETS)
        for suffix in preset.mx_suffixes
        if f".{exchange.lower().rstrip('.')}".endswith(f".{suffix}")
    ]
    return max(matches, key=lambda match: match[0])[1] if matches else None
