"""The row of the fleet's dashboard about mail: what became of it, how long it took, and who is refused."""

from tools.dashboards.panels import (
    GREEN,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    bars,
    grown,
    lines,
    number,
)

TAKES_MAIL = "mailbox_gateway_ready"
NO_MAIL = f"0 * max({TAKES_MAIL})"
"""Zero while a gateway is scraped, and nothing else."""

MESSAGES = 'mailbox_gateway_messages_total{namespace=~"$tenant"}'
TAKEN = 'mailbox_gateway_messages_total{namespace=~"$tenant",outcome="Taken"}'
NOT_TAKEN = 'mailbox_gateway_messages_total{namespace=~"$tenant",outcome!="Taken"}'
IN_DOUBT = 'mailbox_gateway_messages_total{namespace=~"$tenant",outcome="InDoubt"}'
USED = 'max by (namespace, name) (mailbox_operator_mailbox_capacity_used{namespace=~"$tenant"})'
LIMIT = 'max by (namespace, name) (mailbox_operator_mailbox_capacity_limit{namespace=~"$tenant"})'
AT_LIMIT = 'max by (namespace) (mailbox_operator_mailboxes_limit_reached{namespace=~"$tenant"})'
MESSAGE_PHASES = "mailbox_gateway_message_phase_duration_seconds_bucket"
CERTIFICATE = "mailbox_gateway_certificate_expiration_timestamp_seconds"


def phase_quantile(share: float) -> str:
    """Say what a share of the messages stay under, in each phase."""
    return f"histogram_quantile({share}, sum by (le, phase) (rate({MESSAGE_PHASES}[$__rate_interval])))"


def login_rate(metric: str) -> str:
    """Say how many logins there are per second, by result."""
    return f"sum by (result) (rate(mailbox_gateway_{metric}_total[$__rate_interval]))"


SENDING = (
    number(
        "Gateways", "Replicas of the gateway that take mail.",
        f"sum({TAKES_MAIL})", steps=((RED, 0), (GREEN, 1)),
    ),
    number("Messages", "Messages of applications in the time shown.", f"sum({grown(MESSAGES)}) or {NO_MAIL}"),
    number(
        "Taken", "Share of the messages in the time shown that the provider or relay took.",
        f"(sum({grown(TAKEN)}) or {NO_MAIL}) / (sum({grown(MESSAGES)}) > 0) or {NO_MAIL} + 1", "percentunit",
        ((RED, 0), (ORANGE, 0.9), (GREEN, 0.99)),
    ),
    number(
        "In doubt", "Messages in the time shown that may have been sent or not: the provider was lost after their end.",
        f"sum({grown(IN_DOUBT)}) or {NO_MAIL}", steps=NONE_IS_GOOD,
    ),
    number(
        "Connections", "Connections of applications.",
        "sum(mailbox_gateway_connections)",
    ),
    number(
        "Certificate", "Time left until the certificate that applications meet expires; it is renewed when a third of its life is left.",
        f"min({CERTIFICATE}) - time()", "s", ((RED, 0), (ORANGE, 259_200), (GREEN, 1_296_000)),
    ),
    lines(
        "Messages by outcome", "Messages per second: taken or refused by the provider, not sent, in doubt, or turned away by the gateway.",
        [(f"sum by (outcome) (rate({MESSAGES}[$__rate_interval]))", "{{outcome}}")], "ops", stacked=True,
    ),
    bars(
        "Replies", "Messages in the time shown by the class of the reply: 4xx is tried again by the application or its queue, 5xx is not.",
        [(f"sum by (code) {grown(MESSAGES)}", "{{code}}")],
    ).height(8),
    bars(
        "Senders that are refused", "The ten Senders with the most messages in the time shown that were not taken.",
        [(f"topk(10, sum by (namespace, sender) {grown(NOT_TAKEN)})", "{{namespace}}/{{sender}}")], steps=((ORANGE, 0),),
    ).height(8),
    lines(
        "Message phases, median", "Median of each phase of a message, all tenants: its wait for others, a session that has to be opened, the transaction.",
        [(phase_quantile(0.5), "{{phase}}")], "s",
    ),
    lines(
        "Message phases, 99th percentile", "99th percentile of each phase of a message, all tenants.",
        [(phase_quantile(0.99), "{{phase}}")], "s",
    ),
    lines(
        "Sessions", "Sessions with providers and relays, all tenants; idle ones wait for the next message.",
        [("sum(mailbox_gateway_sessions)", "open"), ("sum(mailbox_gateway_sessions_idle)", "idle")], "short",
    ),
    lines(
        "Logins of applications", "Logins of applications per second, by result.",
        [(login_rate("logins"), "{{result}}")], "ops",
    ),
    lines(
        "Logins at providers", "Logins of the gateway at providers and relays per second, by result; one that was not answered is refused.",
        [(login_rate("provider_logins"), "{{result}}")], "ops",
    ),
    bars(
        "Refusals", "Refusals of all tenants in the time shown before a message was complete, by situation; docs/sending.md has the replies.",
        [(f"topk(10, sum by (situation) {grown('mailbox_gateway_refusals_total')} > 0)", "{{situation}}")], steps=((ORANGE, 0),),
    ).height(8),
    lines(
        "At their limit", "Mailboxes that can send nothing now because a limit of theirs, or the provider's, is reached.",
        [(f"sum({AT_LIMIT}) or 0 * max(mailbox_operator_leading_since_timestamp_seconds)", "mailboxes")], "short",
    ),
    bars(
        "Closest to their limit", "The ten mailboxes that have used most of their limit of recipients in 24 hours.",
        [(f"topk(10, {USED} / {LIMIT})", "{{namespace}}/{{name}}")], "percentunit", ((GREEN, 0), (ORANGE, 0.8), (RED, 1)),
    ).height(8),
    lines(
        "Recipients in 24 hours", "Recipients of all mailboxes that have a limit, and what these limits come to.",
        [(f"sum({USED})", "used"), (f"sum({LIMIT})", "limit")], "short",
    ),
)  # fmt: skip
