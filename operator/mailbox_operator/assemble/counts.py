"""Builds what shows how much may be sent still, as gateways count it."""

from mailbox_operator.capacities import Capacities
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.countedledgers import CountedLedgers
from mailbox_operator.dispatch import Dispatch
from mailbox_operator.settings.file import Settings


def capacities(
    settings: Settings, api: ApiServer, namespace: str, dispatch: Dispatch
) -> Capacities:
    """Build what shows it; without a gateway, what removes it where it is still shown."""
    return Capacities(
        CountedLedgers(api, namespace) if settings.gateway.address is not None else None,
        dispatch.store,
        dispatch.publisher,
        dispatch.works_on,
        is_leading=lambda: dispatch.leadership.is_certain,
        now=api.clock.served,
        every_seconds=settings.intervals.capacity.total_seconds(),
    )
