"""The interpreter withholds what Argo CD withholds."""

import pytest
from lupa.lua51 import LuaError

from system.argocd.interpreter import run


@pytest.mark.parametrize("name", ["string", "math", "io", "os", "debug", "loadstring", "python"])
def test_a_script_does_not_see(name: str) -> None:
    assert run(f"return {name}", {}) is None


def test_strings_have_no_methods() -> None:
    with pytest.raises(LuaError, match="a string value"):
        run("return obj.name:upper()", {"name": "jane"})


def test_the_clock_has_to_be_required() -> None:
    assert run('return require("os").date("!%H:%M")', {}) == "12:00"
    assert run('return require("io")', {}) is None


@pytest.mark.parametrize("form", ["!%T", "!%c", "%H:%M"])
def test_the_clock_refuses_a_format_that_argo_cd_writes_otherwise(form: str) -> None:
    with pytest.raises(ValueError, match="does not format"):
        run(f'return require("os").date("{form}")', {})


def test_a_script_changes_no_object_that_is_passed_in() -> None:
    given = {"spec": {"suspend": False, "port": 587}, "list": [{"a": "b"}, {"c": ["d"]}]}

    returned = run("obj.new = true return obj", given)

    assert returned == given | {"new": True}
    assert "new" not in given
