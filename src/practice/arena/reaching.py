"""The way to a Dask scheduler: its address is looked at, and it answers, or words say why not."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from practice.errors import PracticeError, UsageError

__all__ = ["must_be_address", "reached"]

_CONNECTING = 10.0  # seconds for each step of the way to the scheduler
_CLOSING = 10.0  # seconds to say good-bye
_ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):(\d{1,5})/?")
_HINT = "dask scheduler starts one, dask worker ADDRESS --nthreads 1 a worker"


def must_be_address(address: str) -> tuple[str, int]:
    """Return host and port of a scheduler's address.

    Parameters
    ----------
    address : str
        ``tcp://host:8786``, ``tls://host:8786`` or ``host:8786``.

    Returns
    -------
    host : str
    port : int

    Raises
    ------
    UsageError
        It is no such address.

    Examples
    --------
    >>> must_be_address("tcp://scheduler:8786"), must_be_address("tls://[::1]:8786")
    (('scheduler', 8786), ('::1', 8786))
    >>> must_be_address("scheduler")
    Traceback (most recent call last):
    ...
    practice.errors.UsageError: --cluster 'scheduler' is no address of a Dask scheduler
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[2]) < 65536:
        raise UsageError(
            f"--cluster {address!r} is no address of a Dask scheduler",
            "--cluster tcp://host:8786, or tls://host:8786",
        )
    return found[1].strip("[]"), int(found[2])


@contextmanager
def reached(address: str) -> Iterator[Any]:
    """Connect to a Dask scheduler.

    Parameters
    ----------
    address : str
        As :func:`must_be_address` takes it.

    Yields
    ------
    distributed.Client

    Raises
    ------
    UsageError
        It is no address.
    PracticeError
        ``distributed`` is not installed, or no scheduler answers there.
    """
    where = must_be_address(address)
    try:
        from distributed import Client
    except ImportError:
        raise PracticeError(
            "--cluster needs Dask's distributed, which is not installed",
            'pip install "practice[cluster]", here and on the workers',
        ) from None
    try:
        # A client that fails is slow to go away, and one that hears nothing waits for ever.
        socket.create_connection(where, _CONNECTING).close()
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own in this one
            kind = thread.submit(_kind, address).result()
        if kind != "Scheduler":
            raise PracticeError(f"{address} is a Dask {kind.lower()}, not the scheduler", _HINT)
        client = Client(address, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise PracticeError(f"no Dask scheduler at {address}: {_said(error)}", _HINT) from None
    try:
        yield client
    finally:
        with suppress(OSError):  # it hears of nothing any more
            client.close(_CLOSING)


def _kind(address: str) -> str:
    """Ask what is at an address."""
    return asyncio.run(asyncio.wait_for(_identity(address), _CONNECTING))


async def _identity(address: str) -> str:
    from distributed import Security
    from distributed.core import rpc

    there = rpc(address, connection_args=Security().get_connection_args("client"))
    try:
        return str((await there.identity())["type"])
    finally:
        await there.close_rpc()


def _said(error: Exception) -> str:
    """Return why, in one line.

    Examples
    --------
    >>> _said(ConnectionRefusedError(111, "Connection refused")), _said(TimeoutError())
    ('Connection refused', 'nothing answers like one')
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "nothing answers like one"
