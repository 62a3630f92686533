"""``python -m pydoom.kiosk``."""

import sys

from pydoom.kiosk.cli import main

if __name__ == "__main__":
    sys.exit(main())
