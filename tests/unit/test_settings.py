"""The configuration file: what it accepts, what it refuses, and that its page in docs/ is true."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbox_operator.decide.words import Cloud, Security
from mailbox_operator.settings.file import Settings, SettingsError, by_environment, load
from mailbox_operator.settings.values import Section, ServerSection

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
ROW = re.compile(r"\| `(?P<field>[\w.]+)` \| `(?P<default>.*?)` \|")


def documented() -> dict[str, Any]:
    rows = map(ROW.match, PAGE.read_text().splitlines())
    return {row["field"]: json.loads(row["default"]) for row in rows if row}


def fields(section: type[Section], path: str = "") -> Iterator[str]:
    for field in section.model_fields.values():
        inner = field.annotation
        name = f"{path}{field.alias}"
        if isinstance(inner, type) and issubclass(inner, Section) and inner is not ServerSection:
            yield from fields(inner, f"{name}.")
        else:
            yield name


def nested(path: str, value: Any) -> Mapping[str, Any]:
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}


def test_the_page_has_every_field_and_no_other() -> None:
    assert list(documented()) == list(fields(Settings))


@pytest.mark.parametrize("path", documented())
def test_the_page_states_the_default(path: str) -> None:
    stated = load(json.dumps(nested(path, documented()[path])))

    assert stated == Settings()


def test_an_empty_file_is_all_defaults() -> None:
    assert load("") == Settings()


def test_the_configuration_reads_durations() -> None:
    settings = load("timeouts: {connect: 1m30s}\nintervals: {transient: [500ms, 2h]}")

    assert settings.timeouts.connect == timedelta(seconds=90)
    assert settings.intervals.transient == (timedelta(seconds=0.5), timedelta(hours=2))


def test_the_configuration_reports_every_wrong_value_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load(
            "limits: {concurrentAttempts: 0}\ntimeouts: {connect: soon}\n"
            "egress: {allowedNetworks: [everywhere]}\nlogLevel: LOUD\ncolour: blue\n"
        )

    wrong = ("concurrentAttempts", "timeouts.connect", "allowedNetworks", "logLevel", "colour")
    assert [name for name in wrong if name not in str(caught.value)] == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("google: {tokenEndpoint: 'http://oauth2.example/token'}", id="no TLS"),
        pytest.param("consent: {publicURL: 'http://mailboxes.example'}", id="a page without TLS"),
        pytest.param(
            "watch: {selector: 'tier in gold'}", id="a label selector without parentheses"
        ),
        pytest.param("consent: {publicURL: 'http://localhost.example'}", id="a host named so"),
        pytest.param("consent: {publicURL: 'https://mailboxes.example/'}", id="a slash at its end"),
        pytest.param("consent: {publicURL: 'https://mailboxes.example?a'}", id="a query"),
        pytest.param("leaderElection: {retryPeriod: 500ms}", id="a retry period under a second"),
        pytest.param("leaderElection: {leaseDuration: 5s}", id="a lease shorter than its renewal"),
        pytest.param("intervals: {transient: []}", id="no interval"),
        pytest.param("timeouts: {attempt: 0s}", id="no time at all"),
        pytest.param("tracing: {endpoint: 'http://otel:4318'}", id="a collector without a path"),
        pytest.param("tracing: {endpoint: 'http://a:b@otel/v1'}", id="a collector's password"),
        pytest.param("tracing: {endpoint: 'otel:4318'}", id="a collector that is no URL"),
        pytest.param("tracing: {sampleRatio: 1.1}", id="more traces than attempts"),
        pytest.param("[1, 2]", id="a list"),
        pytest.param("{", id="no YAML"),
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(SettingsError):
        load(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://mailboxes.example",
        "https://mailboxes.example:8443/consent",
        "http://localhost:8081",
        "http://127.0.0.1:8081/consent/page",
    ],
)
def test_the_configuration_takes_the_place_of_the_consent_page(url: str) -> None:
    assert load(f"consent: {{publicURL: '{url}'}}").consent.public_url == url


def test_a_cloud_can_be_replaced_and_the_others_stay() -> None:
    settings = load(
        "outlook: {clouds: {China: {authority: 'https://login.example', resource: 'https://r.example',"
        " appResource: 'https://a.example', smtp: {host: smtp.example, port: 465, security: TLS}}}}"
    )

    assert settings.cloud(Cloud.CHINA).smtp == ServerSection(
        host="smtp.example", port=465, security=Security.TLS
    )
    assert settings.cloud(Cloud.GLOBAL).smtp.host == "smtp.office365.com"


@pytest.mark.parametrize("name", ["mail.acme.example", "[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_a_helo_name_is_a_domain_or_an_address_literal(name: str) -> None:
    assert load(f"egress: {{heloName: '{name}'}}").egress.helo_name == name


@pytest.mark.parametrize(
    "name", ["", "localhost", "a b.example", "10.0.0.1", "x.example\\r\\nQUIT"]
)
def test_a_helo_name_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="heloName"):
        load(f'egress: {{heloName: "{name}"}}')


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "mailbox-operator.invalid"),
        ("consent: {publicURL: 'https://mailboxes.example:8443/page'}", "mailboxes.example"),
        ("consent: {publicURL: 'http://localhost:8081'}", "mailbox-operator.invalid"),
        ("consent: {publicURL: 'https://10.0.0.1'}", "mailbox-operator.invalid"),
        (
            "{egress: {heloName: old.example}, consent: {publicURL: 'https://m.example'}}",
            "old.example",
        ),
        ("{egress: {heloName: old.example}, smtp: {ehloName: new.example}}", "new.example"),
        ("smtp: {ehloName: '[192.0.2.1]'}", "[192.0.2.1]"),
    ],
)
def test_the_name_in_ehlo(text: str, name: str) -> None:
    assert load(text).ehlo_name == name


@pytest.mark.parametrize(
    ("environ", "url", "exceptions"),
    [
        ({}, None, ()),
        ({"HTTPS_PROXY": "http://p.example:3128"}, "http://p.example:3128", ()),
        ({"HTTPS_PROXY": "p.example:3128"}, "http://p.example:3128", ()),
        ({"HTTPS_PROXY": "http://a.example", "https_proxy": "http://b.example/"},
         "http://b.example/", ()),
        ({"HTTPS_PROXY": "http://a.example", "https_proxy": ""}, "http://a.example", ()),
        ({"HTTPS_PROXY": "http://u:p%40@p.example"}, "http://u:p%40@p.example", ()),
        ({"HTTP_PROXY": "http://p.example", "ALL_PROXY": "socks5://p.example"}, None, ()),
        ({"NO_PROXY": "a.example, .b.example,10.0.0.0/8"},
         None, ("a.example", ".b.example", "10.0.0.0/8")),
    ],
)  # fmt: skip
def test_the_configuration_takes_the_proxy_of_the_environment(
    environ: Mapping[str, str], url: str | None, exceptions: tuple[str, ...]
) -> None:
    egress = by_environment(Settings(), environ).egress

    assert (egress.proxy_url, egress.no_proxy) == (url, exceptions)


def test_the_configuration_counts_before_the_environment() -> None:
    settings = load("egress: {proxyURL: 'https://own.example', noProxy: [here.example]}")
    environ = {"HTTPS_PROXY": "http://p.example:3128", "NO_PROXY": "*"}

    assert by_environment(settings, environ) == settings


@pytest.mark.parametrize("url", ["socks5://u:canary@p.example", "http://u:canary@", "http://a b"])
def test_a_proxy_that_is_none_is_refused_without_its_credentials(url: str) -> None:
    with pytest.raises(SettingsError, match="HTTPS_PROXY") as by_variable:
        by_environment(Settings(), {"HTTPS_PROXY": url})
    with pytest.raises(SettingsError, match="proxyURL") as by_file:
        load(f"egress: {{proxyURL: '{url}'}}")

    assert "canary" not in f"{by_variable.value} {by_file.value}"


def test_the_credentials_of_a_proxy_are_not_shown() -> None:
    assert "canary" not in repr(load("egress: {proxyURL: 'http://u:canary@p.example'}"))
