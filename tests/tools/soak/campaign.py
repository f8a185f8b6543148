"""The soak from its beginning to its end: create, play, settle, look again; and judge all the while."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from mailbox_operator.decide.refusals.ledger import OF_AN_ACCOUNT
from tools.soak import judge
from tools.soak.faults import Faults
from tools.soak.people import People, differing, held_back
from tools.soak.plan import plan
from tools.soak.stand import Stand

LOOK_EVERY_SECONDS: Final = 1.0
SLACK_SECONDS: Final = 60.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Campaign:
    """Plays, and keeps what was found.

    Attributes:
        say: Tells the person who waits.
        found: What must never be, by the invariant that it breaks.
        figures: What was measured, by its name.
    """

    stand: Stand
    say: Say
    found: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    people: People = field(init=False)
    faults: Faults = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.stand)
        self.faults = Faults(self.stand, self.people)

    async def run(self) -> None:
        """Go through all of it."""
        options = self.stand.options
        watching = asyncio.create_task(self._watch())
        await self._begin()
        before = self._calm()
        await self._play()
        stopped_at, since = judge.now(), time.monotonic()
        await self._until_true(since)
        self.figures["until every status was true again"] = f"{time.monotonic() - since:.0f} s"
        after = self._calm()
        self.say(f"waiting for the next turn of all {options.mailboxes}")
        await self._look_again(judge.now())
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        self._measure(before, after, self._calm())
        await self._judge(stopped_at)

    async def _begin(self) -> None:
        options = self.stand.options
        for each in self.stand.replicas:
            assert each.operator is not None
            await each.operator.wait_ready()
        self.say(f"two replicas are ready; creating {options.mailboxes} Mailboxes")
        await self.stand.offer()
        await self.people.create_all()
        self.say(f"{len(self.stand.fleet.with_consents())} owners click Allow")
        await self.people.consent_all()
        await self._until_true(time.monotonic(), "at the beginning")
        self.say("every Mailbox is as it should be")

    async def _play(self) -> None:
        options = self.stand.options
        faults = plan(options.seed, options.seconds, options.longest_seconds)
        self.say(f"playing {len(faults)} faults within {options.seconds} s, seed {options.seed}")
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                await asyncio.sleep(max(0.0, began + fault.at - time.monotonic()))
                self.say(str(fault))
                group.create_task(self.faults.play(fault))
        self.people.lose_some(Random(options.seed))  # noqa: S311 - it is to be drawn again
        self.say("no fault any more, but some new passwords; waiting until every status is true")

    async def _until_true(self, since: float, when: str = "after the faults") -> None:
        """Wait until each status says the truth, within the time that it may take."""
        deadline = since + 2 * self.stand.options.interval_seconds + SLACK_SECONDS
        while wrong := differing(self.stand, await self.stand.mailboxes()):
            if time.monotonic() > deadline:
                self._note(f"the status is the truth {when}", [f"{k}: {wrong[k]}" for k in wrong])
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _look_again(self, since: datetime) -> None:
        """Wait until each healthy Mailbox was logged in to once more."""
        held = held_back(self.stand)
        self.figures["Mailboxes that too many refused logins hold back"] = str(len(held))
        healthy = [each.address for each in self.stand.fleet.members if not each.is_wrong]
        users = [user for user in healthy if user not in held]
        deadline = time.monotonic() + 1.2 * self.stand.options.interval_seconds + SLACK_SECONDS
        while missing := judge.absent(self.stand.attempts, users, since):
            if time.monotonic() > deadline:
                self._note("every Mailbox has a turn ahead", missing)
                return
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _watch(self) -> None:
        """Look all the while: what ended by itself is started again, memory and files are noted."""
        while True:
            for each in self.stand.replicas:
                await each.revive()
                found = [f"{each.name}: {used}" for used in judge.bloated(each.measure())]
                self._note("memory and files are bounded", found)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def _calm(self) -> list[judge.Used]:
        return [each.measure() for each in self.stand.replicas]

    def _measure(self, *moments: list[judge.Used]) -> None:
        names = ("before the faults", "once all was well again", "an interval later")
        for name, (resident, files) in zip(names, map(max, moments), strict=True):
            self.figures[f"memory and files {name}"] = f"{resident:.0f} MiB, {files}"
        peaks = [f"{x.peak_mib:.0f} MiB, {x.most_files}" for x in self.stand.replicas]
        self.figures["the most that each replica ever had"] = "; ".join(peaks)
        self._note("memory and files are flat", judge.grown(moments[0], moments[-1]))

    async def _judge(self, since: datetime) -> None:
        """Hold what the mail servers and the sign-in service saw against what must never be."""
        attempts, fleet = self.stand.attempts, self.stand.fleet
        lives = sum(len(each.stops) + len(each.ends) for each in self.stand.replicas)
        self._note("two replicas never log in at once", judge.overlaps(attempts, self._stopped))
        steady = {each.address for each in fleet.members if not each.needs_consent}
        self._note("two replicas never log in at once", judge.usurped(attempts, steady))
        self._note("logins are bounded", judge.crowded(attempts))
        self._note(
            "wrong passwords are not guessed",
            judge.guessed(attempts, fleet.tenants(), OF_AN_ACCOUNT + lives),
        )
        self._note("no consent is lost", self.people.tired)
        self._note("no consent is lost", await self._lost())
        self.figures["logins"] = str(sum(each.auths for each in attempts))
        self.figures["logins after the faults"] = str(sum(x.at >= since for x in attempts))
        self.figures["consents given"] = f"{self.people.clicks}, in {self.people.tries} tries"
        self.figures["lives that ended by themselves"] = str(
            sum(len(each.ends) for each in self.stand.replicas)
        )

    async def _lost(self) -> list[str]:
        """Name the consents that ask to be given again, or that the provider does not know any more."""
        found = await self.stand.mailboxes()
        ledger = self.stand.world.oauth.ledger
        given = [each for each in self.stand.fleet.with_consents() if each.has_consent]
        asked = {name for name, each in found.items() if each.get("status", {}).get("consentURL")}
        known = {each.name for each in given if ledger.has_consent(each.address)}
        return list(judge.lost([each.name for each in given], asked, known))

    def _stopped(self, name: str, start: datetime, end: datetime) -> bool:
        return any(x.was_stopped(start, end) for x in self.stand.replicas if x.name == name)

    def _note(self, invariant: str, cases: Iterable[str]) -> None:
        for case in cases:
            self.found.setdefault(invariant, []).append(case)
