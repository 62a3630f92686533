"""``python -m hostbridge``."""

import sys

from hostbridge.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
