"""What a command refuses before it asks the API server for anything, and how it says so."""

from pathlib import Path
from typing import Final

import pytest
import yaml

from mailbox_operator.cli import parser_of
from mailbox_operator.command.run import run_command

NOBODY: Final = "https://127.0.0.1:1"
KUBECONFIG: Final = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "nobody", "cluster": {"server": NOBODY}}],
    "users": [{"name": "me", "user": {"token": "none"}}],
    "contexts": [{"name": "here", "context": {"cluster": "nobody", "user": "me"}}],
    "current-context": "here",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Somebody's home, with a kubeconfig that leads to a place where nobody answers."""
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(yaml.safe_dump(KUBECONFIG))
    return tmp_path


async def refusal(capsys: pytest.CaptureFixture[str], home: Path, *words: str, **more: str) -> str:
    """Run a command that is refused, and return what it says."""
    options = parser_of("mailbox-operator").parse_args(words)
    assert await run_command(options, {"HOME": str(home), **more}) == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.parametrize("command", ["status", "senders", "reconnect", "suspend", "resume"])
@pytest.mark.parametrize("name", ["jane", "minfra/platform"])
async def test_a_name_and_all_namespaces_are_refused_together(
    capsys: pytest.CaptureFixture[str], home: Path, command: str, name: str
) -> None:
    assert await refusal(capsys, home, command, name, "-A") == (
        "mailbox-operator: a name cannot be looked up in all namespaces:"
        " leave out -A, or use -n NAMESPACE\n"
    )


@pytest.mark.parametrize("command", ["reconnect", "suspend", "resume"])
async def test_names_are_refused_beside_all(
    capsys: pytest.CaptureFixture[str], home: Path, command: str
) -> None:
    said = await refusal(capsys, home, command, "jane", "--all")

    assert said == "mailbox-operator: use names or --all, not both\n"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("senders", "mbx/jane"), "Mailbox jane is no Sender"),
        (("connect", "sender/app"), "Sender app is no Mailbox"),
        (("connect", "/"), "/ names no object"),
    ],
)
async def test_a_command_about_one_kind_takes_no_other(
    capsys: pytest.CaptureFixture[str], home: Path, words: tuple[str, ...], error: str
) -> None:
    assert error in await refusal(capsys, home, *words)


async def test_a_cluster_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    said = await refusal(capsys, home, "status")

    assert said.startswith(f"mailbox-operator: the API server at {NOBODY} does not answer: Client")


async def test_a_context_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    said = await refusal(capsys, home, "status", "--context", "elsewhere")

    assert said.endswith("/.kube/config has no context elsewhere\n")


async def test_a_kubeconfig_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    by_word = await refusal(capsys, home, "status", "--kubeconfig", "/nowhere")
    by_environment = await refusal(capsys, home, "status", KUBECONFIG="/nowhere:/no/where")

    assert by_word.endswith("no cluster to work in: there is no file /nowhere\n")
    assert by_environment.endswith("no cluster to work in: there is no file /nowhere:/no/where\n")


async def test_nobody_without_a_kubeconfig_is_taken_for_a_pod(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = await refusal(capsys, tmp_path, "status")

    assert f"there is no {tmp_path}/.kube/config. Name a kubeconfig by --kubeconfig" in said


async def test_a_kubeconfig_that_cannot_be_read_is_refused(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    (home / ".kube" / "config").write_text("{}")

    assert "no cluster to work in: Invalid kube-config" in await refusal(capsys, home, "status")
