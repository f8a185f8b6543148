"""Where a release is published, and where its sources are: all from the name of the repository."""

import os.path
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

LINK: Final = re.compile(r"(\]\()([^)\s]+)(\))")
REGISTRY: Final = "ghcr.io"
SERVER: Final = "https://github.com"


@dataclass(frozen=True, slots=True)
class Places:
    """The places of one release.

    Attributes:
        repository: Owner and name, as GitHub spells them.
        version: Without the `v` of the tag.
        server: Where the repository is.
    """

    repository: str
    version: str
    server: str = SERVER

    @property
    def home(self) -> str:
        """Return the address of the repository."""
        return f"{self.server}/{self.repository}"

    @property
    def image(self) -> str:
        """Name the image, without a tag; a registry knows small letters only."""
        return f"{REGISTRY}/{self.repository.lower()}"

    @property
    def charts(self) -> str:
        """Name the folder of the charts in the registry."""
        return f"oci://{self.image}/charts"

    @property
    def identity(self) -> str:
        """Name who signed: the workflow, at the tag."""
        return f"{self.home}/.github/workflows/release.yaml@refs/tags/v{self.version}"

    def page(self, path: str) -> str:
        """Return the address of a file of this release; images and other raw files included."""
        kind = "raw" if PurePosixPath(path).suffix in {".png", ".svg"} else "blob"
        return f"{self.home}/{kind}/v{self.version}/{path}"

    def linked(self, page: str, folder: str = "") -> str:
        """Make the relative links of a page absolute, as it is read elsewhere.

        Args:
            page: Markdown.
            folder: Where it is in the repository; empty for the root.
        """
        return LINK.sub(
            lambda found: f"{found[1]}{self._absolute(found[2], folder)}{found[3]}", page
        )

    def _absolute(self, target: str, folder: str) -> str:
        parts = urlsplit(target)
        if parts.scheme or not parts.path:
            return target
        path = os.path.normpath(f"{folder}/{parts.path}").lstrip("/")
        anchor = f"#{parts.fragment}" if parts.fragment else ""
        return self.page(path) + anchor
