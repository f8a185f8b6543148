"""Run as `python -m mailbox_operator`."""

import sys

from mailbox_operator.cli import main

sys.exit(main())
