"""``python -m pydoom``."""

import sys

from pydoom.cli import main

sys.exit(main())
