"""What the locked packages bring along and neither the operator nor the gateway imports."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unused:
    """Files that the image does without.

    Attributes:
        pattern: A glob of them below site-packages; a folder goes with all that is in it.
        why: What they are there for.
        but: Names that stay, although the pattern matches.
    """

    pattern: str
    why: str
    but: frozenset[str] = frozenset()


PACKAGE: Final = frozenset({"__init__.py"})
OF_INFORMERS: Final = PACKAGE | {
    "v1_managed_fields_entry.py",
    "v1_object_meta.py",
    "v1_owner_reference.py",
}
"""Models that kubernetes/informer imports, which kubernetes itself does."""


@dataclass(frozen=True, slots=True)
class Hollow:
    """A package whose `__init__.py` imports more than anybody uses of it; an empty one takes its place.

    Attributes:
        path: That file, below site-packages.
        why: What it imports.
    """

    path: str
    why: str


HOLLOW: Final = (
    Hollow("kubernetes/__init__.py", "all of the client without asyncio, and what that imports"),
    Hollow("kubernetes/aio/__init__.py", "parts for schemas, streams and manifests"),
)
"""They take 8 MiB of memory, and a third of a second at the start."""

UNUSED: Final = (
    Unused("kubernetes/client/api/*", "a class for each API group; requests are written by hand"),
    Unused("kubernetes/client/apis", "the old name of the same"),
    Unused("kubernetes/client/models/*", "a class for each kind; objects are dicts", OF_INFORMERS),
    Unused("kubernetes/aio/client/api/*", "the same for asyncio", PACKAGE),
    Unused("kubernetes/aio/client/models/*", "the same for asyncio", PACKAGE),
    Unused("kubernetes/**/*_test.py", "tests"),
    Unused("kubernetes/**/test_*.py", "tests"),
    Unused("*/tests", "tests"),
    Unused("bin", "programs of the packages; the image has one program"),
    Unused("cffi", "compiles bindings; those of cryptography are compiled, and need _cffi_backend"),
    Unused("pycparser*", "reads C for cffi"),
    Unused("pydantic/v1", "pydantic 1 for those who have not migrated"),
    Unused("pydantic/mypy.py", "a plugin of mypy"),
    Unused("jsonpatch_cli.py", "a program"),
    Unused("*-stubs", "types for checkers"),
    Unused("**/*.pyi", "types for checkers"),
    Unused("**/*.pyx", "sources of what is compiled"),
    Unused("**/*.pxd", "sources of what is compiled"),
    Unused("**/*.[ch]", "sources of what is compiled"),
    Unused("*.dist-info/RECORD", "the files of a package; not true after this"),
    Unused("*.dist-info/INSTALLER", "for pip, which the image has not"),
    Unused("*.dist-info/REQUESTED", "for pip, which the image has not"),
    Unused("*.dist-info/WHEEL", "for pip, which the image has not"),
    Unused("*.dist-info/top_level.txt", "for setuptools, which the image has not"),
)
"""METADATA, licences and entry points of every package stay."""
