"""Specs of Mailboxes, good and bad: the API server and the parser must agree on them."""

from collections.abc import Mapping
from typing import Any, Final

from lab.stand.specs import (
    CREDENTIALS,
    GOOGLE,
    MANAGED_GOOGLE,
    MANAGED_OUTLOOK,
    MANAGED_SMTP,
    OUTLOOK,
    SMTP,
    Spec,
)


def smtp(**settings: Any) -> Spec:
    """Make a Private SMTP mailbox with these settings of the server, and no others."""
    return SMTP | {"smtp": settings}


def outlook(infrastructure: Spec = OUTLOOK, **settings: Any) -> Spec:
    """Make an Outlook mailbox with these settings."""
    return infrastructure | {"outlook": settings}


def limited(**limits: Any) -> Spec:
    """Make a mailbox with these limits."""
    return SMTP | {"sending": limits}


def without(spec: Spec, field: str) -> Spec:
    """Copy a spec, less one field."""
    return {name: value for name, value in spec.items() if name != field}


HOST: Final = "smtp.acme.example"
TENANT: Final = "8f3c1e52-7d0b-4a96-b1de-2f60c94a7e35"

GOOD: Final[Mapping[str, Spec]] = {
    "Google, Private": GOOGLE,
    "Google, Private, consent": GOOGLE | {"google": {"grant": "AuthorizationCode"}},
    "Google, Private, empty block": GOOGLE | {"google": {}},
    "Google, Private, service account": GOOGLE | {"google": {"grant": "JWTBearer"}},
    "Google, Managed": MANAGED_GOOGLE,
    "Google, Managed, consent": MANAGED_GOOGLE | {"google": {"grant": "AuthorizationCode"}},
    "Google, Managed, by name": MANAGED_GOOGLE | {"managedInfrastructureName": "eu"},
    "Outlook, Private": OUTLOOK,
    "Outlook, Private, any account": outlook(tenant="common"),
    "Outlook, Private, work accounts": outlook(tenant="organizations"),
    "Outlook, Private, personal accounts": outlook(tenant="consumers"),
    "Outlook, Private, another cloud": outlook(tenant="contoso.example", cloud="USGovernment"),
    "Outlook, Private, app only": outlook(grant="ClientCredentials", tenant=TENANT),
    "Outlook, Private, app only, domain": outlook(grant="ClientCredentials", tenant="acme.example"),
    "Outlook, Private, app only, tenant in the Secret": outlook(grant="ClientCredentials"),
    "Outlook, Managed": MANAGED_OUTLOOK,
    "Outlook, Private, user name": outlook(loginName="u123456@contoso.example"),
    "Outlook, Managed, delegate": outlook(MANAGED_OUTLOOK, loginName="joe@contoso.example"),
    "Outlook, Managed, consent": outlook(MANAGED_OUTLOOK, grant="AuthorizationCode"),
    "Outlook, Managed, cloud spelled out": outlook(MANAGED_OUTLOOK, cloud="Global"),
    "SMTP, Private, host": SMTP,
    "SMTP, Private, port": smtp(host=HOST, port=587),
    "SMTP, Private, STARTTLS": smtp(host=HOST, port=587, security="STARTTLS"),
    "SMTP, Private, TLS": smtp(host=HOST, port=465, security="TLS"),
    "SMTP, Private, TLS without a port": smtp(host=HOST, security="TLS"),
    "SMTP, Private, TLS port without security": smtp(host=HOST, port=2465),
    "SMTP, Private, odd port": smtp(host=HOST, port=8465, security="TLS"),
    "SMTP, Private, IPv4": smtp(host="192.0.2.7"),
    "SMTP, Private, IPv6": smtp(host="2001:db8::7"),
    "SMTP, Private, preset": smtp(preset="Zoho"),
    "SMTP, Private, own authority": smtp(host=HOST, caSecretRef={"name": "acme-ca"}),
    "SMTP, Managed, found by the domain": MANAGED_SMTP,
    "SMTP, Managed, preset": MANAGED_SMTP | {"smtp": {"preset": "Zoho"}},
    "SMTP, Managed, unlisted": MANAGED_SMTP | {"smtp": {"host": HOST, "port": 2525}},
    "every common field": SMTP
    | {"displayName": "Jané Doe, Acme", "checkInterval": "1h30m", "suspend": True}
    | {"deletionPolicy": "Retain"},
    "grant to be revoked": MANAGED_GOOGLE | {"deletionPolicy": "Revoke"},
    "odd but legal address": SMTP | {"address": "o'neil+news@mail.acme-corp.co.example"},
    "a limit": limited(perDay=50),
    "a gap": limited(every="5m"),
    "every limit": limited(perDay=50, every="1h30m", rampUp={"from": 5, "by": 2}),
    "shortest interval": SMTP | {"checkInterval": "30s"},
    "longest interval": SMTP | {"checkInterval": "24h"},
    "fraction of an interval": SMTP | {"checkInterval": "1.5h"},
}

TLS_PORT: Final = "Ports 465 and 2465 speak TLS"
STARTTLS_PORT: Final = "Ports 587, 2525 and 2587 start in plain text"
NO_ADDRESS: Final = "The address must be a plain ASCII address"
NO_HOST: Final = "The host must be a host name or an IP address"
NO_TENANT: Final = "The tenant must be a GUID"
ONE_TENANT: Final = "The grant ClientCredentials needs one tenant"
PLATFORM_TENANT: Final = "Remove outlook.tenant and outlook.cloud"
NO_SERVER: Final = "SMTP under infrastructure Private needs a server"
NO_SECRET: Final = "This mailbox needs credentials"
NO_INTERVAL: Final = "checkInterval must be between 30s and 24h"

BAD: Final[Mapping[str, tuple[Spec, str]]] = {
    "no address": (without(SMTP, "address"), "spec.address"),
    "no provider": (without(SMTP, "provider"), "spec.provider"),
    "no infrastructure": (without(SMTP, "infrastructure"), "spec.infrastructure"),
    "unknown provider": (SMTP | {"provider": "Gmail"}, "Unsupported value"),
    "unknown infrastructure": (SMTP | {"infrastructure": "Shared"}, "Unsupported value"),
    "unknown field": (SMTP | {"password": "hunter2"}, "unknown field"),
    "address without a domain": (SMTP | {"address": "jane"}, NO_ADDRESS),
    "address in a bare domain": (SMTP | {"address": "jane@acme"}, NO_ADDRESS),
    "address with two at signs": (SMTP | {"address": "jane@doe@acme.example"}, NO_ADDRESS),
    "address with a name": (SMTP | {"address": "Jane <jane@acme.example>"}, NO_ADDRESS),
    "address with a space": (SMTP | {"address": "jane @acme.example"}, NO_ADDRESS),
    "address with a line break": (SMTP | {"address": "jane@acme.example\n"}, NO_ADDRESS),
    "address beyond ASCII": (SMTP | {"address": "jané@acme.example"}, NO_ADDRESS),
    "address in a domain beyond ASCII": (SMTP | {"address": "jane@müller.example"}, NO_ADDRESS),
    "address of a bad domain": (SMTP | {"address": "jane@-acme.example"}, NO_ADDRESS),
    "address too long": (SMTP | {"address": f"jane@{'acme.' * 50}example"}, "Too long"),
    "display name with a line break": (SMTP | {"displayName": "Jane\nBcc: x"}, "should match"),
    "display name too long": (SMTP | {"displayName": "J" * 257}, "Too long"),
    "no mail at all": (limited(perDay=0), "greater than or equal to 1"),
    "a gap below a second": (limited(every="500ms"), "every must be between 1s and 24h"),
    "a gap of two days": (limited(every="48h"), "every must be between 1s and 24h"),
    "a ramp without end": (limited(rampUp={"from": 5, "by": 2}), "rampUp needs perDay"),
    "a ramp downhill": (
        limited(perDay=5, rampUp={"from": 6, "by": 2}),
        "rampUp.from must be at most perDay",
    ),
    "a ramp that stands": (
        limited(perDay=5, rampUp={"from": 5, "by": 0}),
        "greater than or equal to 1",
    ),
    "half a ramp": (limited(perDay=5, rampUp={"from": 5}), "Required value"),
    "Google block elsewhere": (SMTP | {"google": {}}, "google goes with provider Google only"),
    "Outlook block elsewhere": (
        GOOGLE | {"outlook": {}},
        "outlook goes with provider Outlook only",
    ),
    "SMTP block elsewhere": (GOOGLE | {"smtp": {}}, "smtp goes with provider SMTP only"),
    "Google with Outlook's grant": (
        GOOGLE | {"google": {"grant": "ClientCredentials"}},
        "Unsupported value",
    ),
    "service account, Managed": (
        MANAGED_GOOGLE | {"google": {"grant": "JWTBearer"}},
        "The grant JWTBearer needs a service account of your own",
    ),
    "app only, Managed": (
        outlook(MANAGED_OUTLOOK, grant="ClientCredentials"),
        "The grant ClientCredentials needs an app registration of your own",
    ),
    "tenant, Managed": (outlook(MANAGED_OUTLOOK, tenant="acme.example"), PLATFORM_TENANT),
    "cloud, Managed": (outlook(MANAGED_OUTLOOK, cloud="China"), PLATFORM_TENANT),
    "app only, user name": (
        outlook(grant="ClientCredentials", loginName="joe@contoso.example"),
        "Remove loginName",
    ),
    "user name of one word": (outlook(loginName="u123456"), "must have the form of an address"),
    "app only, any tenant": (outlook(grant="ClientCredentials", tenant="common"), ONE_TENANT),
    "app only, consumers": (outlook(grant="ClientCredentials", tenant="consumers"), ONE_TENANT),
    "tenant of one word": (outlook(tenant="contoso"), NO_TENANT),
    "tenant with a path": (outlook(tenant="contoso.example/x"), NO_TENANT),
    "unknown cloud": (outlook(cloud="Germany"), "Unsupported value"),
    "server missing": (without(SMTP, "smtp"), NO_SERVER),
    "server of nothing but an authority": (smtp(caSecretRef={"name": "acme-ca"}), NO_SERVER),
    "host and preset": (smtp(host=HOST, preset="Zoho"), "smtp.host or smtp.preset, not both"),
    "port of a preset": (smtp(preset="Zoho", port=587), "port and security go with smtp.host"),
    "security of a preset": (smtp(preset="Zoho", security="TLS"), "port and security go with"),
    "port of nothing": (MANAGED_SMTP | {"smtp": {"port": 587}}, "port and security go with"),
    "465 with STARTTLS": (smtp(host=HOST, port=465, security="STARTTLS"), TLS_PORT),
    "2465 with STARTTLS": (smtp(host=HOST, port=2465, security="STARTTLS"), TLS_PORT),
    "587 with TLS": (smtp(host=HOST, port=587, security="TLS"), STARTTLS_PORT),
    "2525 with TLS": (smtp(host=HOST, port=2525, security="TLS"), STARTTLS_PORT),
    "2587 with TLS": (smtp(host=HOST, port=2587, security="TLS"), STARTTLS_PORT),
    "port 25": (smtp(host=HOST, port=25), "Port 25 is for relaying between servers"),
    "port 0": (smtp(host=HOST, port=0), "greater than or equal to 1"),
    "port 65536": (smtp(host=HOST, port=65536), "less than or equal to 65535"),
    "no security at all": (smtp(host=HOST, security="None"), "Unsupported value"),
    "host with a port": (smtp(host="smtp.acme.example:587"), NO_HOST),
    "host with a scheme": (smtp(host="smtps://smtp.acme.example"), NO_HOST),
    "host in brackets": (smtp(host="[2001:db8::7]"), NO_HOST),
    "host with a dot at its end": (smtp(host="mail.acme.example."), NO_HOST),
    "host beyond ASCII": (smtp(host="mail.müller.example"), NO_HOST),
    "preset with a space": (smtp(preset="Acme Hosting"), "should match"),
    "own authority, Managed": (
        MANAGED_SMTP | {"smtp": {"host": HOST, "caSecretRef": {"name": "acme-ca"}}},
        "smtp.caSecretRef goes with infrastructure Private only",
    ),
    "platform's name, Private": (
        SMTP | {"managedInfrastructureName": "default"},
        "managedInfrastructureName goes with infrastructure Managed only",
    ),
    "SMTP, Private, no Secret": (without(SMTP, "credentialsSecretRef"), NO_SECRET),
    "SMTP, Managed, no Secret": (without(MANAGED_SMTP, "credentialsSecretRef"), NO_SECRET),
    "Google, Private, no Secret": (without(GOOGLE, "credentialsSecretRef"), NO_SECRET),
    "Google, Managed, Secret": (MANAGED_GOOGLE | CREDENTIALS, "Remove credentialsSecretRef"),
    "Outlook, Managed, Secret": (MANAGED_OUTLOOK | CREDENTIALS, "Remove credentialsSecretRef"),
    "Secret of another namespace": (
        SMTP | {"credentialsSecretRef": {"name": "jane", "namespace": "other"}},
        "unknown field",
    ),
    "infrastructure by a path": (
        MANAGED_GOOGLE | {"managedInfrastructureName": "../eu"},
        "should match",
    ),
    "Secret by a path": (SMTP | {"credentialsSecretRef": {"name": "../jane"}}, "should match"),
    "interval too short": (SMTP | {"checkInterval": "29s"}, NO_INTERVAL),
    "interval too long": (SMTP | {"checkInterval": "24h1s"}, NO_INTERVAL),
    "interval without a unit": (SMTP | {"checkInterval": "600"}, NO_INTERVAL),
    "interval as a number": (SMTP | {"checkInterval": 600}, "Invalid value"),
    "suspend as a word": (SMTP | {"suspend": "yes"}, "Invalid value"),
    "unknown deletion policy": (SMTP | {"deletionPolicy": "Delete"}, "Unsupported value"),
}

TRANSITIONS: Final[Mapping[str, tuple[Spec, Spec, str]]] = {
    "another address": (
        SMTP,
        SMTP | {"address": "john@acme.example"},
        "The address of a Mailbox cannot change",
    ),
    "another provider": (
        MANAGED_GOOGLE,
        MANAGED_OUTLOOK,
        "The provider of a Mailbox cannot change",
    ),
    "another infrastructure": (
        MANAGED_SMTP | {"smtp": {"preset": "Zoho"}},
        SMTP | {"smtp": {"preset": "Zoho"}},
        "The infrastructure of a Mailbox cannot change",
    ),
}
