"""``python -m hostbridge``."""

import sys

from hostbridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
