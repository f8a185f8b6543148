"""No mistake reaches the cluster: the schema or the templates refuse it, and name the mailbox."""

import re

import pytest

from lab.stand.specs import MANAGED_SMTP, SMTP, Spec
from system.tenant.chart import CHART, EXTERNAL_SECRETS, Chart
from system.tenant.values import MISTAKES, STORE, Values, bare, jane
from unit.tables.schema import FILES, messages
from unit.tables.specs import BAD

NAMED = re.compile(r"mailbox jane: |at '/mailboxes/jane")


@pytest.mark.parametrize("spec", [spec for spec, _ in BAD.values()], ids=BAD)
def test_a_bad_spec_is_refused_by_the_name_of_its_mailbox(chart: Chart, spec: Spec) -> None:
    assert NAMED.search(chart.refusal(jane(spec)))


@pytest.mark.parametrize(("values", "fragment"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_values_is_refused(chart: Chart, values: Values, fragment: str) -> None:
    assert fragment in chart.refusal(values, EXTERNAL_SECRETS)


def test_all_mistakes_are_named_at_once(chart: Chart) -> None:
    bad = SMTP | {"google": {}, "checkInterval": "1s"}

    refusal = chart.refusal({"mailboxes": {"jane": bad, "john": bad}})

    assert len(re.findall("(?m)^mailbox (jane|john): ", refusal)) == 4


def test_an_address_has_one_mailbox_under_managed_only(chart: Chart) -> None:
    both: Values = {"jane": {}, "john": {}}

    assert "john: the address is that of mailbox jane already" in chart.refusal(
        {"defaults": MANAGED_SMTP, "mailboxes": both}
    )
    assert chart.render({"defaults": SMTP, "mailboxes": both})


def test_an_external_secret_needs_its_api(chart: Chart) -> None:
    refusal = chart.refusal(jane(bare(SMTP), externalSecret=STORE))

    assert "mailbox jane: externalSecret needs the API external-secrets.io/v1" in refusal


def test_the_chart_names_a_mistake_as_the_api_does() -> None:
    templates = "".join(path.read_text() for path in (CHART / "templates").glob("*.tpl"))
    seen = [message for message in messages(FILES[0]) if "cannot change" not in message]

    assert [message for message in seen if message not in templates] == []
