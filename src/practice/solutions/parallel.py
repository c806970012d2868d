"""A pool of threads in which nothing starts threads of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["pool"]


@contextmanager
def pool(tasks: int, prepare: Callable[[], None] | None = None) -> Iterator[ThreadPoolExecutor]:
    """Open a pool with a thread per processor, and per task at most.

    Estimators release the interpreter's lock in their loops, so folds run side by side. Inside,
    linear algebra and OpenMP keep to one thread: two threads that wait for each other on a busy
    machine are many times slower than one, and sums do not depend on how many there are.

    Parameters
    ----------
    tasks : int
        How many run at once at most.
    prepare : callable, optional
        Called once in every thread before its first task.

    Yields
    ------
    ThreadPoolExecutor
        On an error or Ctrl-C what has not begun is dropped.

    Examples
    --------
    >>> with pool(2) as threads:
    ...     list(threads.map(len, ["a", "bc"]))
    [1, 2]
    """
    import joblib
    import sklearn.linear_model  # noqa: F401  (loads the libraries that are to be limited)
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    def alone() -> None:
        # OpenMP counts per calling thread, linear algebra per process.
        threadpool_limits(1, user_api="openmp")
        if prepare is not None:
            prepare()

    with threadpool_limits(1):
        threads = ThreadPoolExecutor(max(1, min(tasks, joblib.cpu_count())), initializer=alone)
        try:
            yield threads
        finally:
            threads.shutdown(cancel_futures=True)
