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
    looks: int = 0

    async def get(self, path: str) -> Any:
        self.looks += 1
        assert path == "/api/v1/namespaces/mail/secrets/key"
        if not self.answers:
            raise ApiServerError(0, "away")
        return {"data": {name: base64.b64encode(key).decode() for name, key in self.data.items()}}


def reader(api: Api) -> Any:
    return api


def following(api: Api) -> FollowedKeys:
    return FollowedKeys(reader(api), "mail", "key", look_seconds=0.0)


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


async def test_a_key_of_a_moment_ago_is_found_for_a_login_that_is_wrong_without_it() -> None:
    api = Api({"current": OLD})
    followed = following(api)
    await followed.look()

    api.data = {"current": KEY, "previous": OLD}

    assert await followed.look_again()
    assert followed.keys() == (KEY, OLD)


async def test_a_look_without_an_answer_settles_nothing() -> None:
    followed = following(Api({"current": KEY}, answers=False))

    assert not await followed.look_again()


async def test_a_look_that_does_not_come_in_time_settles_nothing() -> None:
    followed = FollowedKeys(reader(Api({"current": KEY})), "mail", "key", patience_seconds=0.0)
    await followed.look_again()

    assert not await followed.look_again()


async def test_a_thousand_wrong_logins_share_one_look_for_a_second() -> None:
    api = Api({"current": KEY})
    followed = FollowedKeys(reader(api), "mail", "key", patience_seconds=0.0)
    await followed.look_again()
    await until(lambda: api.looks == 1)

    for _ in range(1000):
        await followed.look_again()

    assert api.looks == 1


async def test_those_who_ask_while_a_look_is_due_get_one_that_began_after_that() -> None:
    api = Api({"current": OLD})
    followed = FollowedKeys(reader(api), "mail", "key", apart_seconds=0.05)
    await followed.look_again()

    asked = [asyncio.create_task(followed.look_again()) for _ in range(10)]
    api.data = {"current": KEY}
    await asyncio.gather(*asked)

    assert followed.keys() == (KEY,)
    assert api.looks == 2
