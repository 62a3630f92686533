"""``python -m pydoom``."""

import sys

# only the installer checks Python's version; a clone can be run with any
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"pydoom: needs Python 3.11 or newer, and {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}")

from pydoom.cli.main import main

sys.exit(main())
