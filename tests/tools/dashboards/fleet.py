"""The dashboard of the fleet: which mailboxes of which tenants are down, since when, why, who must act."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards.panels import (
    GREEN,
    NEUTRAL,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    bars,
    board,
    choice,
    grown,
    lines,
    listing,
    number,
    painted,
)
from tools.dashboards.sending import SENDING

KIND = 'provider=~"$provider",infrastructure=~"$infrastructure"'
CHOSEN = f'namespace=~"$tenant",{KIND}'
STATE = "namespace, provider, infrastructure, ready, reason, move, suspended"


def mailboxes(*matchers: str) -> str:
    """Select chosen mailboxes; while leaders change, two may export the same ones for a moment."""
    return f"max by ({STATE}) (mailbox_operator_mailboxes{{{','.join((CHOSEN, *matchers))}}})"


NONE = "0 * max(mailbox_operator_leading_since_timestamp_seconds)"
"""Zero while somebody leads, and nothing else: where nobody exports, all is not well."""

AWAKE = 'suspended="false"'
ALL = mailboxes()
ACTIVE = mailboxes(AWAKE)
WELL = mailboxes(AWAKE, 'ready="True"')
FAILING = mailboxes(AWAKE, 'ready="False"')
DOWN = mailboxes(AWAKE, 'ready="False"', 'reason!="AwaitingConsent"')
WAITING = mailboxes(AWAKE, 'reason="AwaitingConsent"')
ASLEEP = mailboxes('suspended="true"')
SINCE = f'mailbox_operator_mailbox_failing_since_timestamp_seconds{{{CHOSEN},reason=~"$reason"}}'
CHECKED = 'mailbox_operator_mailbox_last_check_timestamp_seconds{namespace=~"$tenant"}'
INTERVAL = 'mailbox_operator_mailbox_check_interval_seconds{namespace=~"$tenant"}'
STALE = f"""count(
  time() - max by (namespace, name) (
    {CHECKED}
    or (0 * {INTERVAL} + on (job, instance) group_left () mailbox_operator_leading_since_timestamp_seconds)
  )
  > on (namespace, name)
  3 * clamp_min(max by (namespace, name) ({INTERVAL}), 600)
  and on (namespace, name) mailbox_operator_mailbox_info{{{CHOSEN}}}
) or {NONE}"""
CONNECTED_AFTER = f"mailbox_operator_time_to_connected_seconds_bucket{{{KIND}}}"
BEGAN = f"mailbox_operator_consents_began_total{{{KIND}}}"
GIVEN = f'mailbox_operator_consents_ended_total{{{KIND},reason="Connected"}}'
NOT_GIVEN = f'mailbox_operator_consents_ended_total{{{KIND},reason!="Connected"}}'
REFUSED = "mailbox_operator_consents_refused_total"
ATTEMPTS = f"mailbox_operator_attempts_total{{{KIND}}}"
STANDING = 'mailbox_operator_managed_infrastructure_status_condition{type="Ready"}'
KEPT = "mailbox_operator_orphaned_grants"
SETTLED = "mailbox_operator_grants_settled_total"
EXPIRES = "mailbox_operator_client_secret_expiry_timestamp_seconds"

AT_A_GLANCE = (
    number(
        "Connected", "Share of the mailboxes that are Connected; suspended ones are excluded.",
        f"(sum({WELL}) or {NONE}) / sum({ACTIVE})", "percentunit",
        ((RED, 0), (ORANGE, 0.9), (GREEN, 0.99)),
    ),
    number(
        "Failing", "Mailboxes whose Ready is False; those that wait for consent are excluded.",
        f"sum({DOWN}) or {NONE}", steps=((GREEN, 0), (RED, 1)),
    ),
    number(
        "Awaiting consent", "Mailboxes whose owner has not clicked Allow yet.",
        f"sum({WAITING}) or {NONE}", steps=NONE_IS_GOOD,
    ),
    number("Stale", "Mailboxes that were not checked for three of their intervals, each at least ten minutes.", STALE, steps=NONE_IS_GOOD),
    number("Suspended", "Mailboxes with suspend: true, which the operator does not check.", f"sum({ASLEEP}) or {NONE}"),
    number("Mailboxes", "All mailboxes.", f"sum({ALL})", steps=NEUTRAL),
)  # fmt: skip

WHAT_IS_DOWN = (
    listing(
        "Failing mailboxes", "The 500 that have failed for longest, with the reason and who must act.",
        f"bottomk(500, max by (namespace, name, provider, infrastructure, reason, move) ({SINCE})) * 1000",
        ("namespace", "name", "provider", "infrastructure", "reason", "move"), "Since", "dateTimeFromNow",
    ),
    bars(
        "Who must act", "Failing mailboxes by who must act.",
        [(f"sum by (move) ({FAILING})", "{{move}}")], steps=((ORANGE, 0),),
    ),
    bars(
        "Top reasons", "Failing mailboxes by reason; docs/reasons.md says what to do about each.",
        [(f"topk(10, sum by (reason) ({FAILING}))", "{{reason}}")], steps=((ORANGE, 0),),
    ),
    bars(
        "Tenants with failing mailboxes", "The ten tenants with the most.",
        [(f"topk(10, sum by (namespace) ({FAILING}))", "{{namespace}}")], steps=((ORANGE, 0),),
    ),
)  # fmt: skip

HOW_THEY_STAND = (
    lines(
        "State", "Mailboxes by the status of Ready.",
        [(f"sum by (ready) ({ACTIVE})", "Ready {{ready}}")], "short", stacked=True,
    ).override_by_regexp("False", painted(RED)).override_by_regexp("True", painted(GREEN)).height(7),
    bars(
        "Provider and infrastructure", "Mailboxes by provider, infrastructure and the status of Ready.",
        [(f"sum by (provider, infrastructure, ready) ({ACTIVE})", "{{provider}} {{infrastructure}}, Ready {{ready}}")],
    ),
    bars(
        "Tenants", "The ten largest tenants, by the status of Ready.",
        [(f"topk(10, sum by (namespace, ready) ({ACTIVE}))", "{{namespace}}, Ready {{ready}}")],
    ),
)  # fmt: skip

FROM_NOTHING = (
    bars(
        "Time to Connected", "From creation to the first connection, all tenants: the median and the 95th percentile.",
        [
            (f"histogram_quantile(0.5, sum by (le) {grown(CONNECTED_AFTER)}) >= 0", "median"),
            (f"histogram_quantile(0.95, sum by (le) {grown(CONNECTED_AFTER)}) >= 0", "95th percentile"),
        ], "s", ((GREEN, 0), (ORANGE, 120)),
    ),
    bars(
        "Consent", "Consents of all tenants in the time shown: sent to the provider, succeeded, failed, or refused before they began.",
        [
            (f"sum({grown(BEGAN)}) or vector(0)", "began"),
            (f"sum({grown(GIVEN)}) or vector(0)", "succeeded"),
            (f"sum({grown(NOT_GIVEN)}) or vector(0)", "failed"),
            (f"sum({grown(REFUSED)}) or vector(0)", "step refused"),
        ],
    ),
    bars(
        "Failed consents", "Consents of all tenants that failed in the time shown, by reason; and refused steps, by cause.",
        [
            (f"topk(10, sum by (reason) {grown(NOT_GIVEN)})", "{{reason}}"),
            (f"topk(10, sum by (trouble) {grown(REFUSED)})", "{{trouble}}"),
        ], steps=((ORANGE, 0),),
    ),
    lines(
        "Attempts", "Attempts per second of all tenants, by the reason they ended with.",
        [(f"topk(10, sum by (reason) (rate({ATTEMPTS}[$__rate_interval])))", "{{reason}}")], "ops",
    ).span(24),
)  # fmt: skip

THE_PLATFORM = (
    listing(
        "Managed infrastructures", "Every ManagedInfrastructure, and whether it works.",
        f"max by (name, status, reason) ({STANDING})", ("name", "status", "reason"),
    ).span(12).height(6),
    bars(
        "Kept grants", "Consents of deleted mailboxes that are kept, by what happens next. Held, NamespaceMissing and Restored wait for an administrator.",
        [(f"max by (fate) ({KEPT})", "{{fate}}")], steps=((ORANGE, 0),),
    ).span(12),
    bars(
        "Ended grants", "How kept grants ended in the time shown: taken over by a new mailbox, revoked, or only deleted.",
        [(f"sum by (fate) {grown(SETTLED)}", "{{fate}}")],
    ).span(12),
    listing(
        "Secrets that expire", "Secrets in use with an expiry annotation: the time left, and who must act.",
        f"sort(max by (namespace, name, move) ({EXPIRES}) - time())", ("namespace", "name", "move"), "Left", "s",
    ).span(12).height(6),
)  # fmt: skip


def fleet() -> Dashboard:
    """Make the dashboard."""
    about = "Which mailboxes of which tenants are down, since when, why, and who must act."
    made = board(
        "mailbox-fleet", "Mailboxes: the fleet", about,
        (
            *AT_A_GLANCE,
            "What is down", *WHAT_IS_DOWN,
            "How they stand", *HOW_THEY_STAND,
            "Sending", *SENDING,
            "From creation to Connected", *FROM_NOTHING,
            "The platform", *THE_PLATFORM,
        ),
    )  # fmt: skip
    for name, label in (
        ("provider", "Provider"),
        ("infrastructure", "Infrastructure"),
        ("reason", "Reason"),
    ):
        made = made.with_variable(choice(name, label, name))
    return made.with_variable(choice("tenant", "Tenant", "namespace"))
