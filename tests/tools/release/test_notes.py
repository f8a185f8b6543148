"""What a release says of itself."""

import pytest

from tools.release.notes import LONGEST, notes
from tools.release.places import Places
from tools.release.versions import ReleaseError

PLACES = Places("Acme/mailbox-operator", "0.1.0")
CHANGELOG = "## 0.1.0 - 2027-01-31\n\n- See [the page](docs/backup.md#restore).\n"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("docs/a.md#b", "https://github.com/Acme/mailbox-operator/blob/v0.1.0/docs/a.md#b"),
        ("docs/a.png", "https://github.com/Acme/mailbox-operator/raw/v0.1.0/docs/a.png"),
        ("https://example.com/a.md", "https://example.com/a.md"),
        ("#below", "#below"),
        ("mailto:jane@acme.example", "mailto:jane@acme.example"),
    ],
)
def test_a_relative_link_leads_to_the_tag(link: str, absolute: str) -> None:
    assert PLACES.linked(f"[text]({link}) and") == f"[text]({absolute}) and"


@pytest.mark.parametrize(
    ("link", "path"),
    [("../../docs/a.md", "docs/a.md"), ("ci", "helm/b/ci"), ("../c", "helm/c")],
)
def test_a_link_starts_from_the_folder_of_its_page(link: str, path: str) -> None:
    assert PLACES.linked(f"[text]({link})", "helm/b") == f"[text]({PLACES.page(path)})"


def test_the_registry_is_named_in_small_letters() -> None:
    assert PLACES.image == "ghcr.io/acme/mailbox-operator"
    assert PLACES.charts == "oci://ghcr.io/acme/mailbox-operator/charts"


def test_the_notes_say_what_changed_how_to_install_and_how_to_verify() -> None:
    written = notes(CHANGELOG, PLACES)

    assert written.startswith(f"- See [the page]({PLACES.page('docs/backup.md')}#restore).")
    assert f"{PLACES.charts}/mailbox-operator --version 0.1.0 \\\n" in written
    assert (
        "--certificate-identity https://github.com/Acme/mailbox-operator/.github/workflows/"
        "release.yaml@refs/tags/v0.1.0" in written
    )


def test_notes_that_github_would_refuse_are_refused() -> None:
    with pytest.raises(ReleaseError, match="characters"):
        notes(CHANGELOG + "x" * LONGEST, PLACES)
