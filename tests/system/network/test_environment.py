"""Whom the operator believes is not for the environment to say, and no adapter reads a proxy there.

The command line takes HTTPS_PROXY into the settings, once.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NONSENSE = "/nonexistent/nonsense.pem"
ROOT = Path(__file__).parents[3]
INNER = "tests/system/connect/test_{provider}.py"


@pytest.mark.parametrize("provider", ["google", "outlook", "password"])
def test_a_mailbox_connects_in_spite_of_the_environment(provider: str) -> None:
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    odd = os.environ | dict.fromkeys(names, NONSENSE) | proxies
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]

    chosen = [INNER.format(provider=provider), "-k", "connects"]
    inner = subprocess.run([*command, *chosen], env=odd, cwd=ROOT, capture_output=True, check=False)

    assert inner.returncode == 0, inner.stdout.decode()
