"""Pairs what is listed and watched with what takes it in: kind by kind, and path by path."""

from collections.abc import Callable, Mapping

from mailbox_operator.cluster.paths import namespace_path
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.intake import Body, Intake, key_of
from mailbox_operator.watch.refs import Topic

Take = Callable[[Body, bool], None]
"""Takes in an object, and whether it was deleted."""


def object_take(intake: Intake, kind: Kind) -> Take:
    """Return what takes in the objects of a kind."""

    def take(body: Body, deleted: bool) -> None:  # noqa: FBT001 - called by place alone
        intake.take_object(kind, body, deleted=deleted)
        intake.on_heard(key_of(kind, body))

    return take


def namespace_take(intake: Intake) -> Take:
    """Return what takes in namespaces."""

    def take(body: Body, deleted: bool) -> None:  # noqa: FBT001 - called by place alone
        intake.take_namespace(body, deleted=deleted)
        intake.on_heard((Topic.NAMESPACE, "", body["metadata"]["name"]))

    return take


def takes(intake: Intake, scope: Scope) -> Mapping[str, Take]:
    """Return what takes in the objects of each path that kopf lists and watches."""
    found = {path: object_take(intake, kind) for kind in scope.kinds for path in scope.paths(kind)}
    return found | ({namespace_path(): namespace_take(intake)} if scope.managed else {})
