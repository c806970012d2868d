"""Ctrl-C that is not lost: noted when it comes, raised where it is safe."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["noted_interrupts"]


@contextmanager
def noted_interrupts() -> Iterator[Callable[[], None]]:
    """Note a first Ctrl-C instead of raising it wherever the interpreter happens to be.

    Python swallows a ``KeyboardInterrupt`` that falls into a destructor, and LightGBM's boosters
    have one: the run would go on as if nobody had asked. A second Ctrl-C is raised at once.

    Yields
    ------
    callable
        Raises ``KeyboardInterrupt`` where one was noted; to be called between pieces of work.

    Examples
    --------
    >>> with noted_interrupts() as check:
    ...     check()
    """
    asked: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    if not main or before is not signal.default_int_handler:
        yield lambda: None  # somebody else's to handle
        return

    def note(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, note)
    try:
        yield check
    finally:
        signal.signal(signal.SIGINT, before)
