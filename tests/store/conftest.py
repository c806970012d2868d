"""A small file system of one's own, and ways to make files read-only that hold for root, too."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def _may_mount() -> bool:
    return shutil.which("mount") is not None and os.name == "posix" and os.geteuid() == 0


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of 1 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        if not _may_mount():
            raise PermissionError
        _run("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", folder)
    except (PermissionError, subprocess.CalledProcessError):
        pytest.skip("needs the right to mount a small tmpfs")
    yield folder
    _run("umount", "--lazy", folder)


@pytest.fixture
def freeze(tmp_path: Path) -> Iterator[Callable[[Path], None]]:
    """Make a file or folder read-only until the test ends; root needs a mount for that."""
    with ExitStack() as undo:

        def freeze(path: Path) -> None:
            if os.name == "posix" and os.geteuid() != 0:
                undo.callback(path.chmod, path.stat().st_mode)
                path.chmod(0o500 if path.is_dir() else 0o400)
                return
            try:
                _run("mount", "--bind", path, path)
                undo.callback(_run, "umount", "--lazy", path)
                _run("mount", "-o", "remount,ro,bind", path)
            except (OSError, subprocess.CalledProcessError):
                pytest.skip("root needs the right to mount to meet a read-only file")

        yield freeze
