"""The acts of the demo, in the order a newcomer sees them."""

import shlex
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lab.controlplane.kubectl import Kubectl
from lab.controlplane.process import Process
from tools.demo.application import secret_of, send
from tools.demo.clicks import click_through
from tools.demo.examples import Example
from tools.demo.guest import Guest
from tools.demo.mail_world import MailWorld
from tools.demo.places import MAILBOXES, PLATFORM
from tools.demo.samples import (
    AWAITING,
    REPAIRED,
    SENDING,
    YOURS,
    Sample,
    platform,
    samples,
    sender,
)
from tools.demo.screen import Screen
from tools.demo.transitions import State, Transitions

PATIENCE_SECONDS: Final = 30.0
LOOK_EVERY_SECONDS: Final = 0.2

Expectation = Mapping[str, Sample]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything on the stage."""

    screen: Screen
    guest: Guest
    world: MailWorld
    operator: Process
    transitions: Transitions

    def play(self) -> list[str]:
        """Play all acts; return what was not as expected."""
        cast = samples(
            self.world.doors,
            self.world.loopback.authority.ca_pem.decode(),
            self.world.service_account,
        )
        acts = [*self.first_act(cast), *self.consent(cast), *self.repair(cast)]
        return [*acts, *self.sending(cast)]

    def first_act(self, cast: Sequence[Sample]) -> list[str]:
        """Apply the platform's part and all Mailboxes."""
        self.screen.heading(f"{len(cast)} Mailboxes, each like one in docs/examples")
        self.screen.paragraph(
            "The platform team declares its OAuth apps, presets and relay; the tenants apply their"
            " Mailboxes and Secrets. Four of them have made the mistakes that people make."
        )
        self.guest.apply(PLATFORM, platform(self.world.doors))
        examples = [sample.example for sample in cast]
        secrets = {s["metadata"]["name"]: s for each in examples for s in each.secrets}
        mailboxes = [each.mailbox for each in examples]
        self.guest.apply(MAILBOXES, [*secrets.values(), *mailboxes])
        return self.follow({each.example.name: each for each in cast})

    def consent(self, cast: Sequence[Sample]) -> list[str]:
        """Give the consent that two owners were asked for."""
        asked = [each.example for each in cast if each.first == AWAITING]
        self.screen.heading("Two owners open the links in status.consentURL and click Allow")
        for example in asked:
            if example.name != YOURS:
                click_through(self.guest.consent_link(example.name))
        return self.follow({each.name: Sample(each) for each in asked if each.name != YOURS})

    def repair(self, cast: Sequence[Sample]) -> list[str]:
        """Correct one Secret, and see its mailbox reconnect."""
        (wrong,) = (each.example for each in cast if each.example.name == REPAIRED)
        right = Example.read("smtp-private").values["password"]
        self.screen.heading("The owner corrects the password in the Secret, and does nothing else")
        self.screen.step("kubectl apply")
        self.guest.apply(MAILBOXES, wrong.holding(password=right).secrets)
        differing = self.follow({wrong.name: Sample(wrong)})
        if not differing:
            self.screen.paragraph("It reconnected automatically.")
        return differing

    def sending(self, cast: Sequence[Sample]) -> list[str]:
        """Have an application send through the Google mailbox, before, without and after consent."""
        (google,) = (each.example for each in cast if each.example.name == SENDING)
        self.screen.heading("An application sends through google-managed, by what is in one Secret")
        self.guest.apply(MAILBOXES, [sender()])
        self.guest.wait_for_sender()
        self.screen.step("kubectl get secret shop-smtp: host, port, username, password, ...")
        secret = secret_of(self.guest.plane, "shop-smtp")
        differing = self.sends(secret, "")
        self.screen.heading("The owner withdraws the consent, and the operator looks again")
        differing += self.revoke(google)
        differing += self.sends(secret, "GrantRevoked")
        self.screen.heading("The owner clicks Allow again. Nothing changes in the application")
        click_through(self.guest.consent_link(google.name))
        differing += self.follow({google.name: Sample(google)})
        return differing + self.sends(secret, "")

    def revoke(self, google: Example) -> list[str]:
        """Withdraw a consent at Google, and have the operator look; return what is not as expected."""
        self.world.loopback.oauth.revoke_account(google.address)
        self.guest.ask_again(google.name)
        return self.follow({google.name: Sample(google, "GrantRevoked")})

    def sends(self, secret: Mapping[str, str], telling: str) -> list[str]:
        """Run the application, and tell what it says; return it if it is not as expected."""
        self.screen.step("python docs/examples/send.py")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_told(said := send(secret), telling) and time.monotonic() < deadline:
            self.tell()
        self.screen.remark(said or "sent")
        return [] if is_told(said, telling) else [f"the application: {said or 'sent'}"]

    def follow(self, expected: Expectation) -> list[str]:
        """Tell transitions until all Mailboxes are as expected; return what is not in time."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while differing := differences(self.transitions.states, expected):
            if time.monotonic() > deadline:
                return differing
            self.tell()
        return []

    def tell(self) -> None:
        """Tell the next transition, if one comes soon."""
        self.operator.check()
        seen = self.transitions.next(LOOK_EVERY_SECONDS)
        if seen is not None and seen.state.reason:
            self.screen.transition(seen)

    def end(self, differing: Sequence[str]) -> None:
        """Show the Mailboxes as kubectl does, and whether all is as it should be."""
        self.screen.heading("All of them, as kubectl shows them")
        shown = self.guest.mailboxes()
        self.screen.verbatim(f"kubectl get mailboxes -n {MAILBOXES}", shown)
        if not differing:
            self.screen.heading("Every Mailbox is where it should be.")
            return
        self.screen.heading("Not as expected:")
        for line in differing:
            self.screen.remark(line)


def differences(states: Mapping[str, State], expected: Expectation) -> list[str]:
    """Say of each Mailbox that is not as expected how it is."""
    return [
        f"{name}: expected {sample.first}, found {described(states.get(name))}"
        for name, sample in expected.items()
        if not fits(states.get(name), sample)
    ]


def is_told(said: str, telling: str) -> bool:
    """Tell whether an application is told that; it prints nothing when it has sent."""
    return telling in said if telling else not said


def fits(state: State | None, sample: Sample) -> bool:
    """Tell whether a state is the expected one."""
    return state is not None and state.reason == sample.first and sample.telling in state.message


def described(state: State | None) -> str:
    """Describe a state in a line."""
    return f"{state.reason or state.standing}: {state.message}" if state else "nothing"


def how_to_look(kubectl: Kubectl) -> str:
    """Write the one line that brings kubectl to the demo."""
    program = "kubectl" if shutil.which("kubectl") else shlex.quote(str(kubectl.program))
    return f"export KUBECONFIG={shlex.quote(kubectl.environ['KUBECONFIG'])}; {program} get mbx -A"
