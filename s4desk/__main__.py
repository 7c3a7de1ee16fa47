"""`python -m s4desk`."""

from __future__ import annotations

import sys

from s4desk.app.main import main

if __name__ == "__main__":
    sys.exit(main())
