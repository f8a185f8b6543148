"""The keys of logins, as a gateway reads them."""

import asyncio
import base64
from dataclasses import dataclass, field
from typing import Any

from lab.attempts import until
from mailbox_operator.cluster.followedkeys import FollowedKeys
from mailbox_operator.cluster.unanswered import ApiServerError

KEY = b"k" * 32
OLD = b"o" * 32


@dataclass
class Api:
    """Has a Secret, or does not answer."""

    data: dict[str, bytes] = field(default_factory=dict)
    answers: bool = True

    async def get(self, path: str) -> Any:
        assert path == "/api/v1/namespaces/mail/secrets/key"
        if not self.answers:
            raise ApiServerError(0, "away")
        return {"data": {name: base64.b64encode(key).decode() for name, key in self.data.items()}}


def following(api: Api) -> FollowedKeys:
    reader: Any = api
    return FollowedKeys(reader, "mail", "key", look_seconds=0.0)


async def test_there_are_no_keys_before_they_are_read() -> None:
    followed = following(Api())

    await followed.look()

    assert followed.keys() == ()
    assert not followed.is_there.is_set()


async def test_the_current_key_comes_first() -> None:
    followed = following(Api({"previous": OLD, "current": KEY}))

    await followed.look()

    assert followed.keys() == (KEY, OLD)
    assert followed.is_there.is_set()


async def test_the_keys_that_were_read_last_stay_while_none_are_found() -> None:
    api = Api({"current": KEY})
    followed = following(api)
    await followed.look()

    api.answers = False
    await followed.look()
    api.answers, api.data = True, {}
    await followed.look()

    assert followed.keys() == (KEY,)


async def test_a_rotated_key_is_found_by_itself() -> None:
    api = Api({"current": OLD})
    followed = following(api)
    running = asyncio.create_task(followed.run())
    await followed.is_there.wait()

    api.data = {"current": KEY, "previous": OLD}
    await until(lambda: followed.keys() == (KEY, OLD))

    running.cancel()
