"""``python -m practice.cli`` is ``practice``."""

from __future__ import annotations

from practice.cli import main

if __name__ == "__main__":
    main()
