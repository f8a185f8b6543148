"""Which server a Mailbox of provider SMTP submits to, and which other port is worth a look."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.declared.fields import invalid
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.servers.lookup import by_host, by_mx, by_name, for_domain
from mailbox_operator.decide.servers.preset import Preset
from mailbox_operator.decide.servers.submission import Service, certificate_names, chosen
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.spelling import doubt_about
from mailbox_operator.decide.words import Security

STATE_IT: Final = "state smtp.host, smtp.port and smtp.security"
ALTERNATES: Final = {
    587: (465, Security.TLS),
    2587: (2465, Security.TLS),
    2525: (465, Security.TLS),
    465: (587, Security.STARTTLS),
    2465: (2587, Security.STARTTLS),
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where to submit, and what is known of that server.

    Attributes:
        certificate_names: What its certificate may be for; empty where the host is all that counts.
    """

    endpoint: Endpoint
    preset: Preset | None = None
    certificate_names: tuple[str, ...] = ()

    @property
    def is_elsewhere(self) -> bool:
        """Whether the server counts only if its certificate is for another name than its own."""
        return bool(self.certificate_names) and self.endpoint.host not in self.certificate_names

    def username_for(self, address: str) -> str:
        """Return the login name to use when the Secret names none."""
        return self.preset.username_for(address) if self.preset else address

    def wants_app_password(self, password: str) -> bool:
        """Say whether this server is known to refuse the account's own password, and this may be it."""
        preset = self.preset
        wanted = preset is not None and preset.wants_app_password
        return wanted and not (preset and preset.is_app_password(password))

    def advice(self, reason: Reason, password: str) -> str:
        """Return what helps against a reason: what is known of this server, and of the password."""
        preset = self.preset
        match reason:
            case Reason.APP_PASSWORD_REQUIRED:
                return (preset.app_password_advice if preset else "") + doubt_about(password)
            case Reason.INVALID_CREDENTIALS:
                return doubt_about(password) + (preset.password_advice(password) if preset else "")
            case _:
                return ""


def route(spec: Spec, more: Iterable[Preset] = ()) -> Route | None:
    """Find the server by what the Mailbox states: host, preset, or the address's domain.

    Args:
        spec: The Mailbox's.
        more: The platform's own presets.

    Returns:
        The route; None where only the domain's MX can tell.

    Raises:
        Fault: `InvalidSpec`: there is no such preset.
    """
    more = tuple(more)
    match spec.access:
        case SmtpAccess(host=str(host)) as stated:
            return Route(stated.endpoint, by_host(host, more))
        case SmtpAccess(preset=str(name)):
            preset = by_name(name, more)
            if preset is None:
                raise invalid("spec.smtp.preset", f"there is no preset {name}")
            return Route(preset.endpoint, preset)
        case _:
            found = for_domain(spec.domain, more)
            return Route(found.endpoint, found) if found else None


def route_by_mx(exchanges: Iterable[str], more: Iterable[Preset] = ()) -> Route | None:
    """Find the server by the domain's mail exchangers; None if they are nobody's we know."""
    preset = by_mx(exchanges, tuple(more))
    return Route(preset.endpoint, preset) if preset else None


def route_by_services(
    spec: Spec, services: Iterable[Service], more: Iterable[Preset] = ()
) -> Route:
    """Find the server by the domain's SRV records.

    Raises:
        Fault: `InvalidSpec`: they name none; the Mailbox must state its host.
    """
    endpoint = chosen(services, spec.address)
    if endpoint is None:
        problem = f"no preset and no SRV record serves {spec.domain}; {STATE_IT}"
        raise invalid("spec.smtp", problem)
    known = by_host(endpoint.host, tuple(more))
    names = certificate_names(endpoint.host, spec.domain, known=known is not None)
    return Route(endpoint, known, names)


def not_vouched_for(spec: Spec, found: Route) -> Fault:
    """Make the fault that asks the owner whether a server elsewhere is the right one."""
    named = f"the SRV records of {spec.domain} name {found.endpoint}"
    return invalid(
        "spec.smtp",
        f"{named}, whose certificate is not for {spec.domain}; if it is right, {STATE_IT}",
    )


def alternate(endpoint: Endpoint) -> Endpoint | None:
    """Name the other port that the same server may answer on; None where there is no custom."""
    found = ALTERNATES.get(endpoint.port)
    return Endpoint(endpoint.host, *found) if found else None
