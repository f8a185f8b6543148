"""The changelog as notes, and as a list."""

import pytest

from tools.release.changelog import ChangelogError, changes, section

CHANGELOG = """\
# Changelog

## Unreleased

### Added

- Later.

## 0.2.0 - 2027-02-01

Words for all.

### Added

- **A chart** of the CRDs alone. It has three values.
- `verify` says e.g. `0.5 s`, see [the page](docs/verify.md#time),
  which has more. Nothing else.

### Fixed

- One thing without an end

### Other

- Not of a known kind.

## 0.1.0 - 2027-01-31

- First.
"""


def test_the_section_of_a_version_ends_where_the_next_one_begins() -> None:
    text = section(CHANGELOG, "0.2.0")

    assert text.startswith("Words for all.")
    assert text.endswith("- Not of a known kind.")


def test_the_last_section_ends_with_the_file() -> None:
    assert section(CHANGELOG, "0.1.0") == "- First."


@pytest.mark.parametrize("version", ["0.3.0", "0.2", "0x2.0"])
def test_a_version_without_a_section_is_refused(version: str) -> None:
    with pytest.raises(ChangelogError, match=f"## {version} - 2027"):
        section(CHANGELOG, version)


def test_a_version_with_two_sections_is_refused() -> None:
    with pytest.raises(ChangelogError, match="has 2"):
        section(CHANGELOG + "\n## 0.1.0 - 2027-01-30\n\n- Again.\n", "0.1.0")


def test_a_section_that_says_nothing_is_refused() -> None:
    with pytest.raises(ChangelogError, match=r"says nothing about 0\.0\.1"):
        section(CHANGELOG + "\n## 0.0.1 - 2027-01-01\n", "0.0.1")


def test_each_entry_of_a_known_kind_is_listed_with_its_first_sentence() -> None:
    assert list(changes(section(CHANGELOG, "0.2.0"))) == [
        ("added", "A chart of the CRDs alone."),
        ("added", "`verify` says e.g. `0.5 s`, see the page, which has more."),
        ("fixed", "One thing without an end"),
    ]
