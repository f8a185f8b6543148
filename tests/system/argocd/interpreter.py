"""Runs a Lua script with what Argo CD gives it, and nothing else.

Source:
    argo-cd, util/lua/lua.go (`runLua`) and util/lua/oslib_safe.go. Scripts of a ConfigMap run in Lua
    5.1 with the base and table libraries alone: no string, math or io, and strings have no methods.
    `os` is there for those who `require` it, has `time` and `date`, and knows few formats of C.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from lupa.lua51 import LuaRuntime, lua_type

from unit.make import NOON

VISIBLE: Final = (
    *("assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget"),
    *("rawset", "select", "setmetatable", "table", "tonumber", "tostring", "type", "unpack"),
)
FORMATS: Final = frozenset("bBdFHImMpSXyYzZ")  # of those Argo CD knows, the ones that mean the same


def run(script: str, obj: Mapping[str, Any], now: datetime = NOON) -> Any:
    """Run a script over an object, which stays as it is, and return what the script returns."""
    lua = LuaRuntime(register_eval=False, register_builtins=False)
    lua.execute('debug.setmetatable("", nil)')
    everything = lua.globals()
    scope = lua.table_from({name: everything[name] for name in VISIBLE})
    scope["obj"] = lua.table_from(obj, recursive=True)
    scope["require"] = {"os": lua.table_from({"date": clock(now), "time": now.timestamp})}.get
    chunk = lua.compile(script)
    everything.setfenv(chunk, scope)
    return plain(chunk())


def clock(now: datetime) -> Any:
    """Make `os.date`, for UTC only: nothing here should depend on a time zone."""

    def date(form: str) -> str:
        unknown = set(re.findall("%(.)", form)) - FORMATS
        if unknown or not form.startswith("!"):
            raise ValueError(f"Argo CD does not format {form!r} as C does")
        return now.strftime(form.removeprefix("!"))

    return date


def plain(value: Any) -> Any:
    """Turn what Lua returns into what JSON has. A number is one; Lua 5.1 knows no other kind."""
    if lua_type(value) != "table":
        return value
    content = {key: plain(item) for key, item in value.items()}
    if content and set(content) == set(range(1, len(content) + 1)):
        return [content[place] for place in sorted(content)]
    return content
