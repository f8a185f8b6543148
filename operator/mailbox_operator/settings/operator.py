"""The sections about the operator itself: how much it does at once, when, and what it serves."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from mailbox_operator.decide.declared.selector import Requirement, read_selector
from mailbox_operator.decide.grants.fate import GrantTerms
from mailbox_operator.decide.machine.backoff import PACE
from mailbox_operator.decide.machine.claim import Terms
from mailbox_operator.settings.values import CollectorUrl, Duration, Section, WebUrl


def _selector(text: str) -> str:
    read_selector(text)
    return text


class LimitsSection(Section):
    """How much is done at once; all of it is shared fairly among namespaces.

    Attributes:
        concurrent_attempts: Attempts in flight; a namespace alone gets half of them.
        concurrent_per_host: Attempts in flight at one provider or server, by its address.
        concurrent_at_relay: Sessions at the platform's relays.
        attempts_per_second, burst: Token bucket over all attempts.
    """

    concurrent_attempts: Annotated[int, Field(ge=1, le=10_000)] = 100
    concurrent_per_host: Annotated[int, Field(ge=1, le=10_000)] = 20
    concurrent_at_relay: Annotated[int, Field(ge=1, le=10_000)] = 5
    attempts_per_second: Annotated[float, Field(gt=0)] = 100
    burst: Annotated[int, Field(ge=1)] = 200


class IntervalsSection(Section):
    """When a mailbox is looked at again.

    Attributes:
        transient: Waits after one, two, ... temporary failures in a row.
        person: Waits while a person's move is due.
        lasting: After this time the message of a usually temporary problem names whom to ask.
        sweep: How often the watch is compared with a listing.
        capacity: How often the operator reads what the gateways have counted.
    """

    transient: Annotated[tuple[Duration, ...], Field(min_length=1)] = tuple(PACE.transient)
    person: Annotated[tuple[Duration, ...], Field(min_length=1)] = tuple(PACE.person)
    lasting: Duration = PACE.lasting
    sweep: Duration = timedelta(minutes=20)
    capacity: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(minutes=1)


class ClaimsSection(Section):
    """How long a Managed mailbox keeps its address without proving it.

    Attributes:
        grace: How long an address waits for a deleted Mailbox to be created again.
        lapse: After this without a proof, another Mailbox that proves the address gets it.
    """

    grace: Duration = Terms().grace
    lapse: Duration = Terms().lapse

    @property
    def terms(self) -> Terms:
        """Hand the terms on."""
        return Terms(self.grace, self.lapse)


class GrantsSection(Section):
    """What becomes of the access that deleted mailboxes were granted by consent.

    Attributes:
        grace: How long it is kept for the Mailbox to be created again, before it is revoked.
        most_per_hour: Where more Mailboxes than this go within an hour, their grants wait for an
            administrator.
    """

    grace: Duration = GrantTerms().grace
    most_per_hour: Annotated[int, Field(ge=0)] = GrantTerms().most_per_hour

    @property
    def terms(self) -> GrantTerms:
        """Hand the terms on."""
        return GrantTerms(self.grace, self.most_per_hour)


class LeaderElectionSection(Section):
    """The Lease of the leader; its times are those of Kubernetes' own controllers.

    The names and times of the Leases of shards go by it.

    Attributes:
        lease_duration: After this a silent leader is replaced.
        renew_deadline: After this without a renewal the leader gives up; one request has half of it.
        retry_period: Between two tries; 1s or more.
    """

    lease_name: str = "mailbox-operator"
    lease_duration: Duration = timedelta(seconds=15)
    renew_deadline: Duration = timedelta(seconds=10)
    retry_period: Annotated[Duration, Field(ge=timedelta(seconds=1))] = timedelta(seconds=2)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.lease_duration > self.renew_deadline > 1.2 * self.retry_period:
            raise ValueError("leaseDuration must exceed renewDeadline, and that 1.2 * retryPeriod")
        return self


class ListenSection(Section):
    """Where /healthz, /readyz and /metrics are served; port 0 takes a free one."""

    address: str = "::"  # IPv4 as well: a pod's probes come from the node
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class MetricsSection(Section):
    """What /metrics tells.

    Attributes:
        per_mailbox: Whether every Mailbox has series of its own; without them the sums remain.
    """

    per_mailbox: bool = True


class ConsentSection(Section):
    """The web page where people give consent; there is none unless `public_url` is set.

    Attributes:
        public_url: Where browsers reach it; `{public_url}/callback` is the redirect URI to register.
        address, port: Where it is served, in plain HTTP behind an ingress; port 0 takes a free one.
        trusted_proxies: How many proxies, one behind the other, browsers pass on their way here; each
            appends to X-Forwarded-For.
        starts_per_minute: Consents that may begin within a minute on one replica, shared fairly.
        starts_per_link: Consents of one Mailbox that are kept for ten minutes, on all replicas.
    """

    public_url: WebUrl | None = None
    address: str = "::"  # IPv4 as well: an ingress comes from another pod
    port: Annotated[int, Field(ge=0, le=65535)] = 8081
    trusted_proxies: Annotated[int, Field(ge=0, le=16)] = 1
    starts_per_minute: Annotated[int, Field(ge=1)] = 60
    starts_per_link: Annotated[int, Field(ge=1)] = 10


class WatchSection(Section):
    """Which objects this installation works on, among those that it watches.

    Attributes:
        selector: Label selector of Mailboxes, Senders and ManagedInfrastructures; empty means all.
    """

    selector: Annotated[str, AfterValidator(_selector)] = ""

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """Hand the selector on."""
        return read_selector(self.selector)


class TracingSection(Section):
    """Where traces of attempts go; there are none unless `endpoint` is set.

    Attributes:
        endpoint: Of a collector that takes OTLP over HTTP.
        sample_ratio: Share of the attempts that are traced.
    """

    endpoint: CollectorUrl | None = None
    sample_ratio: Annotated[float, Field(ge=0, le=1)] = 1.0


class SecretRights(StrEnum):
    """How the operator may read Secrets."""

    CLUSTER = "Cluster"
    NAMESPACED = "Namespaced"
