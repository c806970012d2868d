"""What a file is, told by its content, and its bytes within a limit."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from practice.errors import NotFoundError, PracticeError
from practice.scoring.records import Layout, Problem, SubmissionRefusedError

__all__ = ["Source", "UnreadableError", "open_source", "refusal", "size_limit"]

Opener = Callable[[ExitStack], BinaryIO]  # what it opens is closed with the stack

HEAD = 1024  # bytes that tell what a file is
FORMATS = "csv, csv.gz, a zip with one csv in it and Parquet can be read"
_SMALLEST_LIMIT = 256 << 20
_SLACK = 40  # how many times larger than expected a file may be
_CELL_BYTES = {"number": 25, "probability": 25, "label": 25, "labels": 1024, "text": 1024}

_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (xls, doc)"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"FEA1", "a Feather file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PARE", "an encrypted Parquet file"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x80\x05\x95", "a Python pickle"),
)
_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_EMPTY_ZIP = b"PK\x05\x06"


class UnreadableError(Exception):
    """The bytes of a file end early, are damaged, or are too many."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Source:
    """A file that can be read from its beginning any number of times.

    Parameters
    ----------
    name : str
        As messages call it.
    kind : {"csv", "parquet"}
    limit : int
        Bytes that it may hold uncompressed.
    opener : callable
        Returns a stream of the uncompressed bytes, which is closed with the stack it gets.
    packed : bool
        True where the bytes come out of an archive.
    """

    name: str
    kind: Literal["csv", "parquet"]
    limit: int
    opener: Opener
    packed: bool = False

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the file; reading raises :class:`UnreadableError` where it is damaged or too long.

        Yields
        ------
        binary file
        """
        with ExitStack() as stack:
            if self.kind == "parquet":
                yield self.opener(stack)
            else:
                limited = stack.enter_context(_Limited(self, stack))
                yield cast(BinaryIO, stack.enter_context(io.BufferedReader(limited, 1 << 16)))


def size_limit(rows: int, layout: Layout) -> int:
    """Return how many bytes a submission may have uncompressed.

    40 times what is expected of its rows and columns, and at least 256 MB: enough for any honest
    file, and too little for a zip bomb to do harm.

    Parameters
    ----------
    rows : int
        Rows due.
    layout : Layout

    Returns
    -------
    int
        Bytes.

    Examples
    --------
    >>> size_limit(100, Layout(("id",), ())) >> 20
    256
    """
    cells = [25] * len(layout.id_columns) + [_CELL_BYTES[c.kind] for c in layout.columns]
    return max(_SMALLEST_LIMIT, _SLACK * rows * sum(cells))


def open_source(file: Path | bytes, name: str | None = None, limit: int | None = None) -> Source:
    """Find out what a file is.

    Parameters
    ----------
    file : Path or bytes
        A path, or the content.
    name : str, optional
        What messages call it; default: the path's last part.
    limit : int, optional
        Bytes that it may hold uncompressed; default: 40 times the file, at least 256 MB.

    Returns
    -------
    Source

    Raises
    ------
    NotFoundError
        Where there is no such file.
    SubmissionRefusedError
        Where it is a directory, or of a format that holds no table we read.
    """
    called = name or (file.name if isinstance(file, Path) else "the file")
    raw, size = _raw(file, called, limit or _SMALLEST_LIMIT)
    bound = limit if limit is not None else max(_SMALLEST_LIMIT, _SLACK * size)
    try:
        with raw() as stream:
            head = stream.read(HEAD)
    except OSError as error:
        raise PracticeError(f"{file!s} cannot be read: {error.strerror}") from None

    def plain(stack: ExitStack) -> BinaryIO:
        return stack.enter_context(raw())

    if head.startswith(_PARQUET):
        return Source(called, "parquet", bound, plain)
    if not head.startswith((_GZIP, _ZIP, _EMPTY_ZIP)):
        _refuse_other(head, called)
        return Source(called, "csv", bound, plain)
    unpack = _gunzip(raw) if head.startswith(_GZIP) else _member(raw, called)
    source = Source(called, "csv", bound, unpack, packed=True)
    try:
        with source.open() as stream:
            inside = stream.read(HEAD)
    except UnreadableError as error:
        raise SubmissionRefusedError((error.problem,)) from None
    packed = ((_GZIP, "a gzip file"), (_ZIP, "a zip archive"), (_PARQUET, "a Parquet file"))
    _refuse_other(inside, f"what is packed in {called}", packed)
    return source


def _raw(file: Path | bytes, name: str, limit: int) -> tuple[Callable[[], BinaryIO], int]:
    """Return what opens the file as it is, and its size in bytes."""
    if isinstance(file, bytes):
        return lambda: io.BytesIO(file), len(file)
    try:
        if file.is_dir():
            raise refusal(f"{name} is a directory", FORMATS)
        if file.is_file():
            size = file.stat().st_size
            return lambda: cast(BinaryIO, open(file, "rb")), size  # noqa: PTH123
        with file.open("rb") as stream:  # a pipe can be read once only
            content = stream.read(limit + 1)
    except (FileNotFoundError, ValueError):
        raise NotFoundError(f"there is no file {file}") from None
    except OSError as error:
        raise PracticeError(f"{file} cannot be read: {error.strerror}") from None
    return lambda: io.BytesIO(content), len(content)


def _gunzip(raw: Callable[[], BinaryIO]) -> Opener:
    def opener(stack: ExitStack) -> BinaryIO:
        packed = stack.enter_context(raw())
        return cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=packed)))

    return opener


def _member(raw: Callable[[], BinaryIO], name: str) -> Opener:
    """Return what opens the one csv file in a zip."""
    try:
        with raw() as stream, zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise refusal(f"{name} is not a whole zip archive", "pack it again") from None
    names = [entry.filename for entry in entries]
    if "[Content_Types].xml" in names:
        kind = "an Excel workbook" if any(n.startswith("xl/") for n in names) else "a document"
        raise refusal(f"{name} looks like {kind}", "export it as csv")
    if names and all(n.endswith(".npy") for n in names):
        raise refusal(f"{name} looks like a NumPy archive (npz)", FORMATS)
    files = [
        entry
        for entry in entries
        if not entry.is_dir()
        and not entry.filename.startswith("__MACOSX/")
        and Path(entry.filename).name not in (".DS_Store", "Thumbs.db")
    ]
    if len(files) != 1:
        held = ", ".join(Path(entry.filename).name[:60] for entry in files[:3]) or None
        what = f"{len(files)} files" if files else "no file"
        raise refusal(f"{name} has {what} in it", "pack one csv file", held)
    if files[0].flag_bits & 1:
        raise refusal(f"{name} is encrypted", "pack it without a password")

    def opener(stack: ExitStack) -> BinaryIO:
        archive = stack.enter_context(zipfile.ZipFile(stack.enter_context(raw())))
        return cast(BinaryIO, stack.enter_context(archive.open(files[0])))

    return opener


def _refuse_other(head: bytes, name: str, more: tuple[tuple[bytes, str], ...] = ()) -> None:
    """Refuse formats known by their first bytes, and texts that are not UTF-8 by design."""
    for magic, words in (*_MAGIC, *more):
        if head.startswith(magic):
            raise refusal(f"{name} looks like {words}", FORMATS)
    if head[257:262] == b"ustar":
        raise refusal(f"{name} looks like a tar archive", FORMATS)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _every_other_is_null(head):
        raise refusal(
            f"{name} is written in UTF-16", "save it as UTF-8: to_csv(..., encoding='utf-8')"
        )


def _every_other_is_null(head: bytes) -> bool:
    """Say whether the bytes look like UTF-16 without a mark: the odd or the even ones are NUL."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return len(head) >= 8 and max(even, odd) > len(head) // 4 and min(even, odd) == 0


def refusal(message: str, hint: str, value: str | None = None) -> SubmissionRefusedError:
    """Make the refusal of a file as a whole.

    Parameters
    ----------
    message, hint : str
    value : str, optional

    Returns
    -------
    SubmissionRefusedError
        With one problem and no row.
    """
    return SubmissionRefusedError((Problem(None, None, value, message, hint),))


class _Limited(io.RawIOBase):
    """A stream that ends in :class:`UnreadableError` where it is damaged or too long."""

    def __init__(self, source: Source, stack: ExitStack) -> None:
        self._source = source
        self._read = 0
        try:
            self._inner = cast(io.BufferedReader, source.opener(stack))
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            raise self._unreadable(*self._damage()) from None

    def _damage(self) -> tuple[str, str]:
        if self._source.packed:
            return "is damaged or cut off", "pack it again"
        return "cannot be read to its end", "copy the file again"

    def _unreadable(self, what: str, hint: str) -> UnreadableError:
        return UnreadableError(Problem(None, None, None, f"{self._source.name} {what}", hint))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            got = self._inner.readinto(buffer)
        except (
            OSError, EOFError, ValueError, NotImplementedError, RuntimeError,
            zlib.error, zipfile.BadZipFile, lzma.LZMAError,
        ):  # fmt: skip
            raise self._unreadable(*self._damage()) from None
        self._read += got
        if self._read > self._source.limit:
            raise self._unreadable(
                f"holds more than {self._source.limit >> 20} MB",
                "a submission has one short row per id",
            )
        return got
