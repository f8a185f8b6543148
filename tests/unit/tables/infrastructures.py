"""Specs of ManagedInfrastructures, good and bad, as `specs` has those of Mailboxes."""

from collections.abc import Mapping
from typing import Any, Final

from lab.stand.specs import Spec
from unit.tables.specs import HOST, TENANT

APP: Final[Spec] = {"clientSecretRef": {"name": "app"}}
LOGIN: Final[Spec] = {"credentialsSecretRef": {"name": "relay"}}


def outlook(**settings: Any) -> Spec:
    """Offer a Microsoft app with these settings."""
    return {"outlook": APP | settings}


def relay(**settings: Any) -> Spec:
    """Offer a relay with these settings."""
    return {"relay": {"host": HOST} | LOGIN | settings}


def preset(**settings: Any) -> Spec:
    """Offer one preset with these settings."""
    return {"presets": [{"name": "Acme", "host": HOST} | settings]}


def bind(*domains: Mapping[str, Any]) -> Spec:
    """Bind domains to namespaces."""
    return {"domains": list(domains)}


def bound(name: str, *namespaces: str) -> Spec:
    """Write one entry of `domains`."""
    return {"name": name, "namespaces": list(namespaces)}


def admit(**expression: Any) -> Spec:
    """Admit the namespaces that meet one expression."""
    return {"namespaceSelector": {"matchExpressions": [{"key": "team"} | expression]}}


GOOD: Final[Mapping[str, Spec]] = {
    "nothing": {},
    "a ceiling": {"sending": {"perDay": 200}},
    "Google": {"google": APP},
    "Outlook": {"outlook": APP},
    "Outlook, personal accounts too": outlook(tenant="common"),
    "Outlook, one tenant": outlook(tenant=TENANT),
    "Outlook, another cloud": outlook(tenant="contoso.example", cloud="China"),
    "relay": relay(),
    "relay, TLS": relay(port=465, security="TLS"),
    "relay, TLS without a port": relay(security="TLS"),
    "relay, own authority": relay(port=2587, caSecretRef={"name": "relay-ca"}),
    "preset": preset(),
    "preset, every field": preset(
        port=587,
        security="STARTTLS",
        domains=["acme.example"],
        mxSuffixes=["mx.acme.example"],
        usernameFormat="LocalPart",
        appPasswordURL="https://acme.example/app-passwords",
    ),
    "domain": bind(bound("acme.example", "acme", "acme-staging")),
    "domain and those below": bind(bound("acme.example", "a"), bound("*.acme.example", "a", "b")),
    "every namespace": {"namespaceSelector": {}},
    "labelled namespaces": {"namespaceSelector": {"matchLabels": {"acme.example/mail": "yes"}}},
    "namespaces of two teams": admit(operator="In", values=["blue", "green"]),
    "namespaces of any team": admit(operator="Exists"),
    "interval": {"checkInterval": "90s"},
    "grants to be kept": {"deletionPolicy": "Retain"},
    "everything": {"google": APP}
    | outlook()
    | relay()
    | preset()
    | bind(bound("acme.example", "acme"))
    | admit(operator="Exists"),
}

NO_TENANT: Final = "The tenant must be a GUID"
NO_VALUES: Final = "The operators In and NotIn need values"

BAD: Final[Mapping[str, tuple[Spec, str]]] = {
    "Google without its app": ({"google": {}}, "spec.google.clientSecretRef"),
    "Outlook without its app": ({"outlook": {}}, "spec.outlook.clientSecretRef"),
    "Outlook, personal accounts only": (outlook(tenant="consumers"), "The tenant consumers shuts"),
    "Outlook, tenant of one word": (outlook(tenant="contoso"), NO_TENANT),
    "Outlook, tenant of its own host": (outlook(tenant="https://evil.example"), NO_TENANT),
    "Outlook, no cloud": (outlook(cloud="Germany"), "Unsupported value"),
    "relay without a host": ({"relay": LOGIN}, "spec.relay.host"),
    "relay without a login": ({"relay": {"host": HOST}}, "spec.relay.credentialsSecretRef"),
    "relay in brackets": (relay(host="[192.0.2.7]"), "The host of a relay must be"),
    "relay on 25": (relay(port=25), "Port 25 of a relay"),
    "relay, 465 with STARTTLS": (
        relay(port=465, security="STARTTLS"),
        "Ports 465 and 2465 of a relay",
    ),
    "relay, 587 with TLS": (
        relay(port=587, security="TLS"),
        "Ports 587, 2525 and 2587 of a relay",
    ),
    "preset without a host": ({"presets": [{"name": "Acme"}]}, "spec.presets[0].host"),
    "preset without a name": ({"presets": [{"host": HOST}]}, "spec.presets[0].name"),
    "preset with a space": (preset(name="Acme Hosting"), "should match"),
    "preset twice": ({"presets": preset()["presets"] * 2}, "Duplicate value"),
    "preset of a URL": (preset(host="smtp://acme.example"), "The host of a preset must be"),
    "preset on 25": (preset(port=25), "Port 25 of a preset"),
    "preset, 2465 with STARTTLS": (
        preset(port=2465, security="STARTTLS"),
        "Ports 465 and 2465 of a preset",
    ),
    "preset, 2525 with TLS": (
        preset(port=2525, security="TLS"),
        "Ports 587, 2525 and 2587 of a preset",
    ),
    "preset for capitals": (preset(domains=["Acme.example"]), "should match"),
    "preset for a domain twice": (preset(domains=["acme.example"] * 2), "Duplicate value"),
    "preset for a dotted suffix": (preset(mxSuffixes=[".acme.example"]), "should match"),
    "preset with a link in the clear": (
        preset(appPasswordURL="http://acme.example/"),
        "should match",
    ),
    "sixty-five presets": (
        {"presets": [{"name": f"Acme{number}", "host": HOST} for number in range(65)]},
        "Too many",
    ),
    "domain of nobody": (bind(bound("acme.example")), "spec.domains[0].namespaces"),
    "domain without namespaces": (bind({"name": "acme.example"}), "spec.domains[0].namespaces"),
    "domain without a name": (bind({"namespaces": ["acme"]}), "spec.domains[0].name"),
    "domain twice": (
        bind(bound("acme.example", "a"), bound("acme.example", "b")),
        "Duplicate value",
    ),
    "domain for a namespace twice": (bind(bound("acme.example", "a", "a")), "Duplicate value"),
    "domain in capitals": (bind(bound("Acme.example", "acme")), "should match"),
    "domain of one word": (bind(bound("example", "acme")), "should match"),
    "domain of everything": (bind(bound("*", "acme")), "spec.domains[0].name"),
    "domain of everything in a zone": (bind(bound("*.example", "acme")), "should match"),
    "domain with a star inside": (bind(bound("mail.*.example", "acme")), "should match"),
    "domain with a dot at its end": (bind(bound("acme.example.", "acme")), "should match"),
    "domain of an address": (bind(bound("jane@acme.example", "acme")), "should match"),
    "domain for a namespace in capitals": (bind(bound("acme.example", "Acme")), "should match"),
    "domain for every namespace": (bind(bound("acme.example", "*")), "should match"),
    "domains, too many": (bind(*(bound(f"d{n}.example", "a") for n in range(257))), "Too many"),
    "In without values": (admit(operator="In"), NO_VALUES),
    "Exists with a value": (admit(operator="Exists", values=["blue"]), NO_VALUES),
    "unknown operator": (admit(operator="Equals", values=["blue"]), "Unsupported value"),
    "label key of a sentence": (
        {"namespaceSelector": {"matchLabels": {"my team": "blue"}}},
        "A key of matchLabels must be a label key",
    ),
    "label value of a sentence": (
        {"namespaceSelector": {"matchLabels": {"team": "blue and red"}}},
        "should match",
    ),
    "expression with a key of a sentence": (
        admit(key="my team", operator="Exists"),
        "should match",
    ),
    "expression with a value of a sentence": (
        admit(operator="In", values=["blue and red"]),
        "should match",
    ),
    "interval too short": ({"checkInterval": "10s"}, "checkInterval must be between"),
    "unknown deletion policy": ({"deletionPolicy": "Keep"}, "Unsupported value"),
    "unknown field": ({"smtp": {}}, "unknown field"),
}
