"""What the values of mailboxes become."""

import base64
import re
from typing import Any

import pytest

from lab.stand.specs import (
    GOOGLE,
    MANAGED_GOOGLE,
    MANAGED_OUTLOOK,
    MANAGED_SMTP,
    OUTLOOK,
    SMTP,
    Spec,
)
from system.tenant.chart import EXTERNAL_SECRETS, Chart, of_kind, only, specs_of
from system.tenant.values import (
    APP,
    APP_ONLY,
    KEY_FILE,
    SERVICE_ACCOUNT,
    SPECS,
    STORE,
    Values,
    bare,
    jane,
)
from unit.tables.specs import GOOD, without


def test_a_good_spec_comes_out_of_a_map_as_it_went_in(chart: Chart) -> None:
    assert specs_of(chart.render({"mailboxes": SPECS})) == SPECS


def test_a_good_spec_comes_out_of_a_list_as_it_went_in(chart: Chart) -> None:
    listed = [spec | {"name": name} for name, spec in SPECS.items()]

    assert specs_of(chart.render({"mailboxes": listed})) == SPECS


@pytest.mark.parametrize("spec", GOOD.values(), ids=GOOD)
def test_a_good_spec_may_be_a_default_but_for_its_address(chart: Chart, spec: Spec) -> None:
    values = {
        "defaults": without(spec, "address"),
        "mailboxes": {"jane": {"address": spec["address"]}},
    }

    assert specs_of(chart.render(values)) == {"jane": spec}


DEFAULTS: Spec = {
    "provider": "SMTP",
    "infrastructure": "Private",
    "managedInfrastructureName": "eu",
    "credentialsSecretRef": {"name": "shared"},
    "suspend": True,
    "google": {"grant": "JWTBearer"},
    "outlook": {"grant": "ClientCredentials", "tenant": "acme.example", "cloud": "China"},
    "smtp": {"host": "smtp.acme.example", "port": 465, "caSecretRef": {"name": "acme-ca"}},
}
SHARED: Spec = {"credentialsSecretRef": {"name": "shared"}, "suspend": True}
NAMED: Spec = {"managedInfrastructureName": "eu", "suspend": True}


@pytest.mark.parametrize(
    ("own", "spec"),
    [
        pytest.param(SMTP, SHARED | SMTP | {"smtp": DEFAULTS["smtp"]}, id="merged deeply"),
        pytest.param(GOOGLE, SHARED | GOOGLE | {"google": DEFAULTS["google"]}, id="Google"),
        pytest.param(OUTLOOK, SHARED | OUTLOOK | {"outlook": DEFAULTS["outlook"]}, id="Outlook"),
        pytest.param(MANAGED_GOOGLE, NAMED | MANAGED_GOOGLE, id="Google, Managed"),
        pytest.param(MANAGED_OUTLOOK, NAMED | MANAGED_OUTLOOK, id="Outlook, Managed"),
        pytest.param(
            MANAGED_SMTP,
            NAMED | MANAGED_SMTP | {"smtp": {"host": "smtp.acme.example", "port": 465}},
            id="SMTP, Managed",
        ),
        pytest.param(SMTP | {"suspend": False}, {"suspend": False}, id="false wins over true"),
        pytest.param(
            SMTP | {"smtp": {"preset": "Zoho"}},
            {"smtp": {"preset": "Zoho", "caSecretRef": {"name": "acme-ca"}}},
            id="a preset takes no host",
        ),
        pytest.param(
            SMTP | {"smtp": {"port": None, "caSecretRef": None}},
            {"smtp": {"host": "smtp.acme.example"}},
            id="null takes a default away",
        ),
    ],
)
def test_defaults_apply_to_the_mailboxes_they_fit(chart: Chart, own: Spec, spec: Spec) -> None:
    rendered = specs_of(chart.render({"defaults": DEFAULTS} | jane(own)))["jane"]

    assert spec.items() <= rendered.items()
    assert rendered.keys() <= own.keys() | spec.keys() | {"suspend"}


def test_a_host_takes_no_preset_from_the_defaults(chart: Chart) -> None:
    values = {"defaults": {"smtp": {"preset": "Zoho"}}} | jane(SMTP)

    assert specs_of(chart.render(values)) == {"jane": SMTP}


def test_one_mailbox_takes_nothing_from_another(chart: Chart) -> None:
    own = bare(SMTP) | {"smtp": {"port": 587}, "labels": {"a": "b"}}
    values: Values = {
        "defaults": SMTP | {"labels": {"c": "d"}},
        "mailboxes": {"ana": own, "bob": {}},
    }

    ana, bob = of_kind(chart.render(values), "Mailbox")

    assert (ana["spec"]["smtp"]["port"], bob["spec"]) == (587, SMTP)
    assert "a" in ana["metadata"]["labels"]
    assert "a" not in bob["metadata"]["labels"]


def test_null_removes_a_mailbox(chart: Chart) -> None:
    assert specs_of(chart.render({"mailboxes": {"ana": SMTP, "bob": None}})) == {"ana": SMTP}


@pytest.mark.parametrize(
    ("spec", "keys", "kind"),
    [
        pytest.param(SMTP, {"password": "p"}, "kubernetes.io/basic-auth", id="SMTP"),
        pytest.param(
            SMTP, {"password": "pä", "username": "u"}, "kubernetes.io/basic-auth", id="username"
        ),
        pytest.param(GOOGLE, APP, "Opaque", id="Google"),
        pytest.param(GOOGLE, APP | {"refresh-token": "t"}, "Opaque", id="Google, token"),
        pytest.param(SERVICE_ACCOUNT, {"service-account.json": KEY_FILE}, "Opaque", id="account"),
        pytest.param(OUTLOOK, APP | {"tenant-id": "common"}, "Opaque", id="Outlook"),
        pytest.param(APP_ONLY, APP | {"tenant-id": "acme.example"}, "Opaque", id="app only"),
        pytest.param(
            OUTLOOK | {"outlook": {"grant": "ClientCredentials", "tenant": "acme.example"}},
            APP,
            "Opaque",
            id="app only of a named tenant",
        ),
    ],
)
def test_credentials_become_a_secret(
    chart: Chart, spec: Spec, keys: dict[str, str], kind: str
) -> None:
    objects = chart.render(jane(bare(spec), credentials=keys))
    secret = only(objects, "Secret")

    assert specs_of(objects)["jane"]["credentialsSecretRef"] == {"name": secret["metadata"]["name"]}
    assert re.fullmatch("jane-[0-9a-f]{3}", secret["metadata"]["name"])
    assert secret["type"] == kind
    assert {key: base64.b64decode(it).decode() for key, it in secret["data"].items()} == keys


def test_own_credentials_win_over_a_secret_of_the_defaults(chart: Chart) -> None:
    objects = chart.render({"defaults": SMTP} | jane({}, credentials={"password": "p"}))

    named = {"name": only(objects, "Secret")["metadata"]["name"]}
    assert specs_of(objects)["jane"]["credentialsSecretRef"] == named


def test_other_credentials_are_another_spec(chart: Chart) -> None:
    """Or `helm upgrade --wait` would take what became of the old ones for the new ones."""
    old, new = (
        specs_of(chart.render(jane(bare(SMTP), credentials={"password": word})))["jane"]
        for word in ("old", "new")
    )

    assert old != new


def test_an_external_secret_fetches_all_keys(chart: Chart) -> None:
    spec = bare(SMTP) | {"externalSecret": STORE | {"version": "3", "refreshInterval": "1h"}}

    external = only(chart.render(jane(spec), EXTERNAL_SECRETS), "ExternalSecret")

    assert external["spec"] == {
        "refreshInterval": "1h",
        "secretStoreRef": {"name": "vault"},
        "dataFrom": [{"extract": {"key": "acme/jane", "version": "3"}}],
    }


def test_an_external_secret_may_make_a_secret_of_another_name(chart: Chart) -> None:
    values = jane(bare(SMTP), externalSecret=STORE | {"target": "jane-smtp"})

    objects = chart.render(values, EXTERNAL_SECRETS)

    assert only(objects, "ExternalSecret")["spec"]["target"] == {"name": "jane-smtp"}
    assert specs_of(objects)["jane"]["credentialsSecretRef"] == {"name": "jane-smtp"}


def test_labels_and_annotations_are_layered(chart: Chart) -> None:
    values: dict[str, Any] = {
        "commonLabels": {"a": "common", "b": "common"},
        "commonAnnotations": {"a": "common"},
        "defaults": {"labels": {"b": "default", "c": "default"}},
    } | jane(SMTP, labels={"c": "own"}, annotations={"a": "true"})

    metadata = only(chart.render(values), "Mailbox")["metadata"]

    assert metadata["annotations"] == {"a": "true"}
    assert {"a": "common", "b": "default", "c": "own"}.items() <= metadata["labels"].items()
