"""One mailbox, one attempt, on one screen."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final, assert_never

from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key, Unreadable
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.deliveries import limit_met
from mailbox_operator.decide.machine.machine import Conclusion, Proof, conclude, decide
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.selection import Selection
from mailbox_operator.decide.machine.steps import Hold, Probe, Rest, Spare
from mailbox_operator.ports import Ports

POSTPONEMENT: Final = timedelta(seconds=5)

Outcome = Proof | Fault | None
"""What an attempt came to; None where the cluster did not answer, so nothing was learned."""


async def reconcile(key: Key, ports: Ports, *, due: bool) -> Conclusion | None:
    """Carry one mailbox through a single attempt, or leave it alone.

    Args:
        key: Names the mailbox, or a ManagedInfrastructure: the same flow serves both.
        ports: The world outside.
        due: Whether its regular turn has come; otherwise it was woken and may have nothing to do.

    Returns:
        What the attempt came to; None where none was made, or the object is gone by now.
    """
    seen = ports.view.seen(key)
    if seen is None:
        return None
    step = decide(seen, ports.now(), due=due)
    match step:
        case Rest():
            return None
        case Spare():
            known = replace(seen.known, checked=ports.now())
            return Conclusion(seen.status, known, step.pause, Retry.INTERVAL)
        case Hold():
            ports.publisher.publish(seen, step.status)
            return None
        case Probe():
            outcome = await announced_attempt(seen, step, ports)
        case _:
            assert_never(step)
    return settle(seen, outcome, ports)


def foresee(seen: Seen, ports: Ports) -> bool:
    """Say whether a change asks for a turn, and show meanwhile that an attempt is coming.

    Asked when the change comes, and again before its turn; nothing is shown twice. A first look is not
    announced ahead: what stands says already that nobody looked yet.
    """
    step = decide(seen, ports.now(), due=False)
    if isinstance(step, Probe) and seen.status.standing is not None:
        ports.publisher.announce(seen, step.announcement)
    return not isinstance(step, Rest | Spare)


def settle(seen: Seen, outcome: Outcome, ports: Ports) -> Conclusion | None:
    """Conclude from an attempt, and show it; unless the object is another one by now.

    What was overtaken by a change is remembered but not shown: the next look is on its way.
    """
    present = ports.view.seen(seen.subject.key)
    if present is None or present.subject.uid != seen.subject.uid:
        return None
    overtaken = is_overtaken(seen, present)
    read = seen if overtaken else present  # the attempt has read what was unread before
    seen = replace(
        seen,
        status=present.status,
        held_by_another=present.held_by_another,
        version=read.version,
        contents=read.contents,
    )
    if outcome is None:
        wait = POSTPONEMENT * (1 + ports.jitter())
        return Conclusion(seen.status, seen.known, wait, Retry.BACKOFF)
    conclusion = conclude(seen, outcome, ports.now(), ports.pace, ports.jitter(), ports.public_url)
    ports.view.conclude(seen.subject.key, seen.subject.uid, conclusion)
    if not overtaken:
        ports.publisher.publish(seen, conclusion.status)
    return conclusion


def is_overtaken(seen: Seen, present: Seen) -> bool:
    """Say whether spec or inputs changed since."""
    changed = seen.subject.generation != present.subject.generation
    return changed or not seen.has_inputs_of(present)


async def announced_attempt(seen: Seen, step: Probe, ports: Ports) -> Outcome:
    """Make the attempt while the status says that one is made."""
    ports.publisher.announce(seen, step.announcement)
    try:
        with ports.observer.attempting(seen):
            return await observed_attempt(seen, ports)
    finally:
        ports.publisher.withdraw(seen.subject.key)


async def observed_attempt(seen: Seen, ports: Ports) -> Outcome:
    """Make the attempt, within its time, and tell the observer; every way out is an outcome."""
    began = ports.monotonic()
    outcome: Outcome
    told: Proof | Exception
    try:
        async with asyncio.timeout(ports.attempt_timeout_seconds):
            outcome = told = await attempt(seen, ports)
    except Postponed:
        return None
    except Fault as fault:
        outcome = told = fault
    except TimeoutError:
        outcome = told = Fault(Reason.CONNECTION_TIMEOUT, "the attempt ran out of time")
    except Exception as bug:  # noqa: BLE001 - a bug must not leave a mailbox without a condition
        told = bug
        outcome = Fault(Reason.INTERNAL_ERROR, facts={"problem": type(bug).__name__})
    ports.observer.attempted(seen, told, ports.monotonic() - began)
    return outcome


async def attempt(seen: Seen, ports: Ports) -> Proof:
    """Prove the connection: the mailbox's own first, then the platform's relay.

    Raises:
        Fault: Why the mailbox cannot be used.
    """
    match seen.subject:
        case Unreadable(problem=problem):
            raise problem.to_keep()
        case ReadableInfrastructure() as infrastructure:
            return await ports.platform.check(infrastructure)
        case ReadableMailbox() as mailbox:
            return await connected(mailbox, seen.version, ports)
        case ReadableSender() as sender:
            return await bound(sender, seen.selection, ports)
        case _:
            assert_never(seen.subject)


async def connected(mailbox: ReadableMailbox, version: str, ports: Ports) -> Proof:
    """Log in as a Mailbox, have the platform's relay accept it, and claim its address.

    Raises:
        Fault: Why the mailbox cannot be used.
    """
    if (limited := limit_met(mailbox, ports.now())) is not None:
        raise limited
    case = Case(mailbox, ports.view.infrastructure_for(mailbox), version)
    proof = await ports.connectors[mailbox.provider].connect(case)
    if ports.view.claimable(mailbox, proof.ownership).is_held:  # else the relay witnesses nothing
        await ports.platform.relay(case)
    return replace(proof, claim=ports.view.claim(mailbox, proof.ownership))


async def bound(sender: ReadableSender, selection: Selection | None, ports: Ports) -> Proof:
    """Write the login of a Sender, then see whether a mailbox of it can send. Nobody is dialled.

    Raises:
        Fault: Why nothing can be sent.
    """
    if ports.bindings is None:
        raise Fault(Reason.GATEWAY_UNAVAILABLE)
    if selection is None or not selection.sender:
        raise Fault(Reason.NO_MAILBOX)
    await ports.bindings.keep(sender, selection.sender)
    if not selection.count.connected:
        raise Fault(Reason.MAILBOX_NOT_CONNECTED)
    return Proof(binding=sender.binding)
