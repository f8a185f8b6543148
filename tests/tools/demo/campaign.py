"""The act of the campaign: one application, mailboxes of three providers, and a limit for each."""

import json
import re
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tools.demo.application import letter, secret_of
from tools.demo.places import MAILBOXES
from tools.demo.samples import TEAM, campaign, example
from tools.demo.story import PATIENCE_SECONDS, Story

PEOPLE: Final = ("amy", "ben", "cleo", "dan", "eva", "finn", "gus", "hana")
LIMIT: Final = 2
RAISED: Final = 10
LOST, *OTHERS = TEAM
SELECTED: Final = ("mailboxes", "-l", "team=sales")
COLUMNS: Final = (
    "custom-columns=NAME:.metadata.name"
    ",LIMIT:.status.capacity.limit,AVAILABLE:.status.capacity.available"
)
SENT: Final = f"250 .* by {MAILBOXES}/"
WAITS: Final = "450 4.4.5 .* next at [0-9:]+Z"
FOLLOW_UP_WAITS: Final = "450 4.3.2 "


@dataclass(frozen=True, slots=True)
class Campaign:
    """A part of the story.

    Attributes:
        replies: The last one to the message for each recipient.
        differing: What was not as expected.
    """

    story: Story
    replies: dict[str, str] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)

    def play(self) -> list[str]:
        """Play all of it; return what was not as expected."""
        secret = self.prepare()
        self.reach_the_limit(secret)
        self.raise_the_limit(secret)
        self.lose_one(secret)
        return self.differing

    def prepare(self) -> dict[str, str]:
        """Limit and label the Mailboxes, and wait for the Secret of the application."""
        self.story.screen.heading(
            f"A campaign: {len(TEAM)} mailboxes, each limited to {LIMIT} recipients a day"
        )
        self.limit(LIMIT)
        self.run("label", "mailboxes", *TEAM, "team=sales")
        self.story.screen.step("kubectl apply: a Sender with selector, ByRecipient and Rewrite")
        self.story.guest.apply(MAILBOXES, [campaign()])
        self.wait("sender/spring", "--for=jsonpath={.status.mailboxes.summary}=3/3")
        self.wait("sender/spring", "--for=condition=Ready")
        return secret_of(self.story.guest.plane, "spring-smtp")

    def reach_the_limit(self, secret: Mapping[str, str]) -> None:
        """Send a message to everybody; the limits hold two of them back."""
        self.story.screen.step(f"the application sends {len(PEOPLE)} messages")
        for each in PEOPLE:
            self.send(secret, each, f"{SENT}|{WAITS}")
        sent = len(PEOPLE) - len(self.waiting())
        if sent != LIMIT * len(TEAM):
            self.differing.append(f"the campaign: {sent} sent")
        self.wait(*SELECTED, "--for=jsonpath={.status.capacity.available}=0")
        command = ("get", *SELECTED, "-o", COLUMNS)
        self.story.screen.verbatim(shlex.join(["kubectl", *command]), self.kubectl(*command))

    def raise_the_limit(self, secret: Mapping[str, str]) -> None:
        """Send what waited."""
        self.story.screen.heading(f"The owner raises the limits to {RAISED}, and the rest goes out")
        self.limit(RAISED)
        for each in self.waiting():
            self.send(secret, each, SENT)

    def waiting(self) -> list[str]:
        """Name those to whom nothing was sent."""
        return [name for name, reply in self.replies.items() if not re.match(SENT, reply)]

    def lose_one(self, secret: Mapping[str, str]) -> None:
        """Revoke the access of one Mailbox: first messages move, and follow-ups wait."""
        screen = self.story.screen
        whose = next(name for name, reply in self.replies.items() if re.match(sent_by(LOST), reply))
        screen.heading(f"Access to {LOST} is revoked, the mailbox that {whose} hears from")
        self.differing.extend(self.story.revoke(example(LOST)))
        screen.step("a first message goes out by another mailbox:")
        self.send(secret, whose, sent_by(*OTHERS))
        screen.step(f"a follow-up, with In-Reply-To, waits for {LOST}:")
        header = {"In-Reply-To": "<1@elsewhere.example>"}
        self.send(secret, whose, FOLLOW_UP_WAITS, **header)

    def send(self, secret: Mapping[str, str], name: str, wanted: str, **header: str) -> None:
        """Send to somebody, again until the gateway knows what changed; show the reply.

        Args:
            secret: What the application knows.
            name: Of the recipient.
            wanted: A pattern of the reply to come to.
            header: Fields beside the usual ones.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not re.match(wanted, reply := letter(secret, f"{name}@elsewhere.example", header)):
            if time.monotonic() > deadline:
                self.differing.append(f"the campaign, to {name}: {reply}")
                break
            self.story.tell()
        self.replies[name] = reply
        self.story.screen.reply(name, reply)

    def limit(self, per_day: int) -> None:
        """Give all of them a limit."""
        change = json.dumps({"spec": {"sending": {"perDay": per_day}}}, separators=(",", ":"))
        self.run("patch", "mailboxes", *TEAM, "--type=merge", "-p", change)

    def run(self, *command: str) -> None:
        """Run a command of the owner's, and show it."""
        self.story.screen.step(shlex.join(["kubectl", *command]))
        self.kubectl(*command)

    def wait(self, *what: str) -> None:
        """Wait until something has come so far."""
        self.kubectl("wait", *what, "--timeout=30s")

    def kubectl(self, *command: str) -> str:
        """Run kubectl where the Mailboxes are; return what it prints."""
        return self.story.guest.plane.kubectl(*command, f"--namespace={MAILBOXES}")


def sent_by(*mailboxes: str) -> str:
    """Make the pattern of the reply to a message that one of them sent."""
    return f"250 .* by {MAILBOXES}/({'|'.join(mailboxes)})$"
