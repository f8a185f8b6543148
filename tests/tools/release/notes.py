"""The notes of a release: what changed, how to install it, and how to verify what was signed."""

from typing import Final

from tools.release.changelog import section
from tools.release.places import Places
from tools.release.versions import ReleaseError

LONGEST: Final = 125_000
"""GitHub takes no longer body of a release."""

ISSUER: Final = "https://token.actions.githubusercontent.com"
INSTALL: Final = """\
## Install

```console
$ helm upgrade --install mailbox-operator {charts}/mailbox-operator --version {version} \\
    --namespace mail --create-namespace --wait
```

The image is `{image}:{version}`, for amd64 and arm64. Image and charts are signed without a key.
This verifies the image:

```console
$ cosign verify {image}:{version} \\
    --certificate-identity {identity} \\
    --certificate-oidc-issuer {issuer}
```
"""


def notes(changelog: str, places: Places) -> str:
    """Write the notes of a version.

    Raises:
        ChangelogError: The changelog does not speak of it.
        ReleaseError: They are too long.
    """
    install = INSTALL.format(
        charts=places.charts,
        image=places.image,
        version=places.version,
        identity=places.identity,
        issuer=ISSUER,
    )
    written = places.linked(section(changelog, places.version)) + f"\n\n{install}"
    if len(written) > LONGEST:
        raise ReleaseError(f"the notes have {len(written)} characters, at most {LONGEST} are taken")
    return written
