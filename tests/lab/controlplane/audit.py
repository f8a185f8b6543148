"""The API server's audit log: who asked for what, and what came of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

# Of ServiceAccounts alone; the patches of a status with their content, and of nothing else.
POLICY: Final = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    userGroups: ["system:serviceaccounts:kube-system"]
  - level: Request
    userGroups: ["system:serviceaccounts"]
    verbs: [patch]
    resources:
      - group: mailbox-operator.io
        resources: ["*/status"]
  - level: Metadata
    userGroups: ["system:serviceaccounts"]
"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API server.

    Attributes:
        resource: Its plural, with the subresource, such as `mailboxes/status`; empty if the path
            names none.
        code: The HTTP status of the answer.
        at: When the API server answered.
        content: What was sent; None where the policy does not keep it.
    """

    verb: str
    group: str
    resource: str
    namespace: str
    name: str
    code: int
    at: datetime
    content: Any = field(repr=False)

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Self:
        """Read one line of the log."""
        ref = event.get("objectRef", {})
        return cls(
            verb=event["verb"],
            group=ref.get("apiGroup", ""),
            resource="/".join(filter(None, (ref.get("resource"), ref.get("subresource")))),
            namespace=ref.get("namespace", ""),
            name=ref.get("name", ""),
            code=event.get("responseStatus", {}).get("code", 0),
            at=datetime.fromisoformat(event["stageTimestamp"]),
            content=event.get("requestObject"),
        )

    @property
    def writes(self) -> bool:
        """Whether it asks for a change."""
        return self.verb not in {"get", "list", "watch"}


def requests_of(log: Path, user: str) -> Iterator[Request]:
    """Read what one user asked for, oldest first; a watch counts from its beginning."""
    seen: set[str] = set()
    wanted = json.dumps(user)
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            if wanted not in line or not line.endswith("\n"):
                continue  # of somebody else, or still being written
            event = json.loads(line)
            if event["user"]["username"] == user and event["auditID"] not in seen:
                seen.add(event["auditID"])
                yield Request.parse(event)
