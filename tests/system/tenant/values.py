"""Values for the chart: what it has to render, and what it has to refuse with which words.

What is right or wrong with a spec alone is in crds/specs.py.
"""

from collections.abc import Mapping
from typing import Any, Final

from lab.stand.specs import GOOGLE, MANAGED_GOOGLE, MANAGED_SMTP, OUTLOOK, SMTP, Spec
from unit.tables.specs import GOOD, without

Values = dict[str, Any]

KEY_FILE: Final = '{"client_email": "mailer@acme.example", "private_key": "PEM"}'
APP: Final = {"client-id": "app", "client-secret": "s"}
STORE: Final = {"secretStoreRef": {"name": "vault"}, "key": "acme/jane"}

# Under Managed an address has one mailbox, so each of these gets one of its own.
SPECS: Final[Mapping[str, Spec]] = {
    f"mailbox-{number}": spec | {"address": f"{number}.{spec['address']}"}
    for number, spec in enumerate(GOOD.values())
}


def jane(spec: Spec, **more: Any) -> Values:
    """Make values with one mailbox."""
    return {"mailboxes": {"jane": spec | more}}


def bare(spec: Spec) -> Spec:
    """Copy a spec, less its credentials."""
    return without(spec, "credentialsSecretRef")


def credentials(spec: Spec, **keys: str) -> Values:
    """Make values with one mailbox whose credentials they hold; `_` stands for `-` in a key."""
    return jane(bare(spec), credentials={key.replace("_", "-"): keys[key] for key in keys})


def grant(spec: Spec, block: str, name: str, **more: str) -> Spec:
    """Copy a spec, with a grant."""
    return spec | {block: {"grant": name} | more}


APP_ONLY: Final = grant(OUTLOOK, "outlook", "ClientCredentials")
SERVICE_ACCOUNT: Final = grant(GOOGLE, "google", "JWTBearer")

MISTAKES: Final[Mapping[str, tuple[Values, str]]] = {
    "unknown value": ({"mailbox": {}}, "additional properties 'mailbox' not allowed"),
    "mailboxes of a text": ({"mailboxes": "jane"}, "at '/mailboxes'"),
    "mailbox of a text": ({"mailboxes": {"jane": "jane@acme.example"}}, "at '/mailboxes/jane'"),
    "no name in a list": ({"mailboxes": [SMTP]}, "missing property 'name'"),
    "null in a list": ({"mailboxes": [None]}, "at '/mailboxes/0'"),
    "name in a map": (jane(SMTP, name="jane"), "at '/mailboxes/jane/name'"),
    "name in the defaults": ({"defaults": {"name": "jane"}}, "at '/defaults/name'"),
    "unknown field in the defaults": ({"defaults": {"spam": True}}, "'spam' not allowed"),
    "wrong provider in the defaults": ({"defaults": {"provider": "x"}}, "/defaults/provider"),
    "twice the same name": (
        {"mailboxes": [SMTP | {"name": "jane"}, SMTP | {"name": "jane"}]},
        "mailbox jane: there is another mailbox of this name",
    ),
    "name in upper case": ({"mailboxes": {"Jane": SMTP}}, 'mailbox "Jane": a name consists of'),
    "name with an underscore": ({"mailboxes": {"j_d": SMTP}}, "a name consists of"),
    "name with a line break": ({"mailboxes": {"jane\n": SMTP}}, 'mailbox "jane\\n": a name'),
    "name with a hyphen at its end": ({"mailboxes": {"jane-": SMTP}}, "a name consists of"),
    "empty name": ({"mailboxes": [SMTP | {"name": ""}]}, 'mailbox "": a name consists of'),
    "name too long": ({"mailboxes": {"j" * 64: SMTP}}, "at most 63 characters"),
    "address only in capitals elsewhere": (
        {
            "defaults": MANAGED_SMTP,
            "mailboxes": {"jane": {}, "john": {"address": "JANE@acme.example"}},
        },
        "mailbox john: the address is that of mailbox jane already",
    ),
    "label that is no text": (jane(SMTP, labels={"a": 1}), "at '/mailboxes/jane/labels/a'"),
    "label with a space": (jane(SMTP, labels={"a": "b c"}), "at '/mailboxes/jane/labels/a'"),
    "label with a bad key": (jane(SMTP, labels={"a b": "c"}), "at '/mailboxes/jane/labels'"),
    "label too long": (jane(SMTP, labels={"a": "b" * 64}), "at '/mailboxes/jane/labels/a'"),
    "annotation that is no text": (jane(SMTP, annotations={"a": True}), "annotations/a"),
    "annotation with a bad key": ({"commonAnnotations": {"a b": "c"}}, "/commonAnnotations"),
    "common label with a bad key": ({"commonLabels": {"/a": "c"}}, "at '/commonLabels'"),
    "two sources": (
        jane(SMTP, credentials={"password": "p"}),
        "mailbox jane: Credentials have one source, and here are credentialsSecretRef and cred",
    ),
    "three sources": (
        jane(SMTP, credentials={"password": "p"}, externalSecret=STORE),
        "credentialsSecretRef and credentials and externalSecret",
    ),
    "two sources in the defaults": (
        {"defaults": {"externalSecret": STORE, "credentials": {"password": "p"}}}
        | jane(bare(SMTP)),
        "Credentials have one source",
    ),
    "credentials, Managed": (credentials(MANAGED_GOOGLE, **{"refresh-token": "t"}), "credentials."),
    "external, Managed": (jane(MANAGED_GOOGLE, externalSecret=STORE), "Remove externalSecret."),
    "no credentials at all": (jane(bare(SMTP), credentials={}), "/mailboxes/jane/credentials"),
    "unknown key": (credentials(SMTP, passwort="p"), "'passwort' not allowed"),
    "empty password": (credentials(SMTP, password=""), "/mailboxes/jane/credentials/password"),
    "password of a line break": (credentials(SMTP, password="\n"), "credentials/password"),
    "password as a number": (
        jane(bare(SMTP), credentials={"password": 123456}),
        "at '/mailboxes/jane/credentials/password'",
    ),
    "no password": (credentials(SMTP, username="u"), "mailbox jane: credentials lack password"),
    "token for SMTP": (
        credentials(SMTP, password="p", refresh_token="t"),
        "mailbox jane: credentials.refresh-token is of no use here",
    ),
    "password for Google": (
        credentials(GOOGLE, password="p"),
        "mailbox jane: credentials lack client-id and client-secret",
    ),
    "Google with a tenant": (credentials(GOOGLE, **APP, tenant_id="common"), "of no use here"),
    "Google without its secret": (credentials(GOOGLE, client_id="a"), "lack client-secret"),
    "service account with an app": (credentials(SERVICE_ACCOUNT, **APP), "service-account.json"),
    "service account of no JSON": (
        credentials(SERVICE_ACCOUNT, **{"service-account.json": "key"}),
        "must be the key file of a service account",
    ),
    "service account of another kind": (
        credentials(SERVICE_ACCOUNT, **{"service-account.json": '{"type": "user"}'}),
        "must be the key file of a service account",
    ),
    "app only without a tenant": (credentials(APP_ONLY, **APP), "credentials lack tenant-id"),
    "app only with a token": (
        credentials(APP_ONLY, **APP, tenant_id="acme.example", refresh_token="t"),
        "credentials.refresh-token is of no use here",
    ),
    "app only in any tenant": (
        credentials(APP_ONLY, **APP, tenant_id="common"),
        "The grant ClientCredentials needs one tenant",
    ),
    "tenant-id of one word": (
        credentials(OUTLOOK, **APP, tenant_id="contoso"),
        "credentials.tenant-id: The tenant must be a GUID",
    ),
    "external without a key": (
        jane(bare(SMTP), externalSecret=without(STORE, "key")),
        "externalSecret.key is required",
    ),
    "external without a store": (
        jane(bare(SMTP), externalSecret={"key": "acme/jane"}),
        "externalSecret.secretStoreRef.name is required",
    ),
    "external of nothing": (jane(bare(SMTP), externalSecret={}), "externalSecret.key is required"),
    "external of an unknown kind": (
        jane(bare(SMTP), externalSecret={"secretStoreRef": {"name": "vault", "kind": "Vault"}}),
        "/externalSecret/secretStoreRef/kind",
    ),
    "external with an unknown field": (
        jane(bare(SMTP), externalSecret=STORE | {"data": []}),
        "'data' not allowed",
    ),
    "external at a wrong pace": (
        jane(bare(SMTP), externalSecret=STORE | {"refreshInterval": "hourly"}),
        "/externalSecret/refreshInterval",
    ),
    "one Secret of two": (
        {
            "defaults": bare(SMTP) | {"externalSecret": STORE},
            "mailboxes": {"jane": {}, "john": {"externalSecret": {"target": "jane"}}},
        },
        "mailbox john: the Secret jane is that of mailbox jane already",
    ),
    "more than the quota": (
        {"defaults": SMTP, "mailboxes": {"jane": {}, "john": {}}, "quota": {"mailboxes": 1}},
        "mailboxes: there are 2, and quota.mailboxes allows 1",
    ),
    "a quota of none": (jane(SMTP) | {"quota": {"mailboxes": 0}}, "quota.mailboxes allows 0"),
    "a negative quota": ({"quota": {"mailboxes": -1}}, "at '/quota/mailboxes'"),
    "a quota in words": ({"quota": {"mailboxes": "ten"}}, "at '/quota/mailboxes'"),
    "a fraction of a quota": ({"quota": {"mailboxes": 1.5}}, "at '/quota/mailboxes'"),
    "another quota": ({"quota": {"pods": 1}}, "'pods' not allowed"),
    "provider out of bounds": (
        jane(SMTP) | {"bounds": {"providers": ["Google", "Outlook"]}},
        "mailbox jane: provider SMTP is not allowed here. bounds.providers allows Google, Outlook",
    ),
    "infrastructure out of bounds": (
        jane(SMTP) | {"bounds": {"infrastructures": ["Managed"]}},
        "mailbox jane: infrastructure Private is not allowed here",
    ),
    "interval out of bounds": (
        jane(SMTP, checkInterval="4m59s") | {"bounds": {"minCheckInterval": "5m"}},
        "mailbox jane: checkInterval 4m59s is below bounds.minCheckInterval",
    ),
    "default interval out of bounds": (
        jane(SMTP) | {"bounds": {"minCheckInterval": "15m"}},
        "mailbox jane: checkInterval is 10m by default, which is below bounds.minCheckInterval",
    ),
    "unknown provider in the bounds": ({"bounds": {"providers": ["Gmail"]}}, "/bounds/providers/0"),
    "bounds in the wrong form": ({"bounds": {"minCheckInterval": 600}}, "minCheckInterval"),
    "bounds below the API's": ({"bounds": {"minCheckInterval": "29s"}}, "between 30s and 24h"),
    "bounds above the API's": ({"bounds": {"minCheckInterval": "25h"}}, "between 30s and 24h"),
    "a selector without bounds": (
        {"bounds": {"namespaceSelector": {"matchLabels": {"plan": "free"}}}},
        "bounds.namespaceSelector selects namespaces for bounds, and there are none",
    ),
    "a selector of everything": (
        {"bounds": {"providers": ["SMTP"], "namespaceSelector": {"matchLabels": {}}}},
        "/bounds/namespaceSelector/matchLabels",
    ),
    "a selector of no expression": (
        {"bounds": {"providers": ["SMTP"], "namespaceSelector": {"matchExpressions": []}}},
        "/bounds/namespaceSelector/matchExpressions",
    ),
    "a selector of labels alone": (
        {"bounds": {"providers": ["SMTP"], "namespaceSelector": {"plan": "free"}}},
        "'plan' not allowed",
    ),
    "an expression without values": (
        {"bounds": {"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}},
        "missing property 'values'",
    ),
    "people of no kind": ({"people": [{"name": "pat"}]}, "missing property 'kind'"),
    "people of an unknown kind": ({"people": [{"kind": "Team", "name": "a"}]}, "/people/0/kind"),
    "a user in a namespace": (
        {"people": [{"kind": "User", "name": "pat", "namespace": "acme"}]},
        'people "pat": namespace goes with kind ServiceAccount only',
    ),
    "unknown access": ({"peopleAccess": "admin"}, "at '/peopleAccess'"),
    "an extra object of a number": ({"extraObjects": [1]}, "at '/extraObjects/0'"),
}
