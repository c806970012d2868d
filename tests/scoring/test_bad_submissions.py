"""Bad submissions, and odd ones that are fine, with the exact outcome for each metric kind."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

# Valid cells of rows 1 to 4, and what they are worth.
CELLS = {
    "number": ("0.5", "-1", "2e3", "4"),
    "probability": ("0.5", "0", "1", "0.25"),
    "label int": ("0", "1", "1", "0"),
    "label text": ("no", "yes", "yes", "no"),
}
WORTH = {
    "number": [0.5, -1.0, 2000.0, 4.0],
    "probability": [0.5, 0.0, 1.0, 0.25],
    "label int": [0, 1, 1, 0],
    "label text": [0, 1, 1, 0],
}
KINDS = tuple(CELLS)
GOOD = "id,y\n1,<A>\n2,<B>\n3,<C>\n4,<D>\n"

ID_HINT = "write the ids as the test data has them"
ONE_EACH = "every id of the test data has one row"
QUOTES = 'put quotes around the whole cell and write a quote in it as ""'
UTF8 = "save the file as UTF-8: to_csv(..., encoding='utf-8')"
UTF16 = "save it as UTF-8: to_csv(..., encoding='utf-8')"
DUE = "columns due: id, y"
WIDTH = "each row has 2 cells, separated by commas, as the header has"
COMMAS = "separate them by commas and write numbers with a point: to_csv(sep=',')"
READABLE = "csv, csv.gz, a zip with one csv in it and Parquet can be read"


def fill(text: str, kind: str) -> str:
    for token, cell in zip("ABCD", CELLS[kind], strict=True):
        text = text.replace(f"<{token}>", cell)
    return text


def gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


def encoded(change: Callable[[bytes], bytes]) -> Callable[[str], bytes]:
    return lambda text: change(text.encode())


# --- Files that are read whatever the kind: name -> (text or what to do with the good bytes) -----
FINE: dict[str, str | Callable[[str], bytes]] = {
    "as it should be": GOOD,
    "no line feed at the end": GOOD[:-1],
    "BOM": "\ufeff" + GOOD,
    "CRLF": GOOD.replace("\n", "\r\n"),
    "CR alone": GOOD.replace("\n", "\r"),
    "BOM and CRLF": "\ufeff" + GOOD.replace("\n", "\r\n"),
    "rows shuffled": "id,y\n4,<D>\n2,<B>\n1,<A>\n3,<C>\n",
    "columns swapped": "y,id\n<A>,1\n<B>,2\n<C>,3\n<D>,4\n",
    "rows and columns shuffled": "y,id\n<C>,3\n<A>,1\n<D>,4\n<B>,2\n",
    "blank lines at the end": GOOD + "\n\n\n",
    "blank lines in the middle": "id,y\n1,<A>\n\n2,<B>\n3,<C>\n\n\n4,<D>\n",
    "lines of spaces": "id,y\n1,<A>\n  \n2,<B>\n3,<C>\n4,<D>\n\t\n",
    "blank lines before the header": "\n\n" + GOOD,
    "everything quoted": '"id","y"\n"1","<A>"\n"2","<B>"\n"3","<C>"\n"4","<D>"\n',
    "gzip": encoded(gz),
    "gzip in two members": encoded(lambda data: gz(data[:7]) + gz(data[7:])),
    "zip": encoded(lambda data: zipped(**{"sub.csv": data})),
    "zip in a folder, packed by a Mac": encoded(
        lambda data: zipped(**{"out/": b"", "out/sub.csv": data, "__MACOSX/._sub.csv": b"\0"})
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FINE)
def test_fine_files_are_read(name: str, kind: str, submit: Any) -> None:
    form = FINE[name]
    text = fill(GOOD, kind)
    data = form(text) if callable(form) else fill(form, kind).encode()

    assert submit(data, kind).values == WORTH[kind]


# --- Faults of the file, the same for each kind: name -> (text or bytes, problems) ---------------
Problem = tuple[int | None, str | None, str | None, str, str]
STRUCTURE: dict[str, tuple[str | bytes, list[Problem]]] = {
    "missing id": (
        "id,y\n1,<A>\n2,<B>\n4,<D>\n",
        [(None, "id", "3", "1 id is missing", ONE_EACH)],
    ),
    "all ids but one missing": (
        "id,y\n2,<B>\n",
        [(None, "id", "1, 3, 4", "3 ids are missing", ONE_EACH)],
    ),
    "extra id": (GOOD + "5,<A>\n", [(5, "id", "5", "unknown id", ID_HINT)]),
    "duplicate id": (
        GOOD + "2,<A>\n",
        [(5, "id", "2", "id that occurs more than once", "each id has one row")],
    ),
    "two rows twice": (
        GOOD + "2,<A>\n4,<B>\n",
        [(5, "id", "2, 4", "id that occurs more than once (2 rows)", "each id has one row")],
    ),
    "changed id": (
        GOOD.replace("3,", "33,"),
        [
            (3, "id", "33", "unknown id", ID_HINT),
            (None, "id", "3", "1 id is missing", ONE_EACH),
        ],
    ),
    "ids written as 1.0": (
        "id,y\n1.0,<A>\n2.0,<B>\n3.0,<C>\n4.0,<D>\n",
        [
            (
                1,
                "id",
                "1.0, 2.0, 3.0",
                "unknown id (4 rows)",
                "ids are written as 1.0; write them as integers (1)",
            )
        ],
    ),
    "id written as 003": (
        GOOD.replace("3,", "003,"),
        [(3, "id", "003", "unknown id", "ids are written as '003'; write '3'")],
    ),
    "id written as 007, which is none": (
        GOOD.replace("3,", "007,"),
        [
            (3, "id", "007", "unknown id", ID_HINT),
            (None, "id", "3", "1 id is missing", ONE_EACH),
        ],
    ),
    "id written as 0x3": (
        GOOD.replace("3,", "0x3,"),
        [(3, "id", "0x3", "unknown id", "ids are written as '0x3'; write '3'")],
    ),
    "id written as +3": (
        GOOD.replace("3,", "+3,"),
        [(3, "id", "+3", "unknown id", "ids are written as '+3'; write '3'")],
    ),
    "id with a space before": (
        GOOD.replace("3,", " 3,"),
        [(3, "id", " 3", "unknown id", "ids are written as ' 3'; write '3'")],
    ),
    "id with a space after": (
        GOOD.replace("3,", "3 ,"),
        [(3, "id", "3 ", "unknown id", "ids are written as '3 '; write '3'")],
    ),
    "id in quotes in quotes": (
        GOOD.replace("3,", '"""3""",'),
        [(3, "id", '"3"', "unknown id", "ids are written as '\"3\"'; write '3'")],
    ),
    "id too large for 64 bits": (
        GOOD.replace("3,", "99999999999999999999,"),
        [
            (3, "id", "99999999999999999999", "unknown id", ID_HINT),
            (None, "id", "3", "1 id is missing", ONE_EACH),
        ],
    ),
    "empty id": (
        GOOD.replace("3,", ","),
        [
            (3, "id", "", "unknown id", ID_HINT),
            (None, "id", "3", "1 id is missing", ONE_EACH),
        ],
    ),
    "index as a column": (
        ",id,y\n0,1,<A>\n1,2,<B>\n2,3,<C>\n3,4,<D>\n",
        [
            (
                None,
                "",
                None,
                "column '' is not expected",
                "leave the index out: to_csv(..., index=False)",
            )
        ],
    ),
    "index as a column, read and written again": (
        "Unnamed: 0,id,y\n0,1,<A>\n1,2,<B>\n2,3,<C>\n3,4,<D>\n",
        [
            (
                None,
                "Unnamed: 0",
                None,
                "column 'Unnamed: 0' is not expected",
                "leave the index out: to_csv(..., index=False)",
            )
        ],
    ),
    "extra column": (
        "id,y,fold\n1,<A>,1\n2,<B>,2\n3,<C>,1\n4,<D>,2\n",
        [(None, "fold", None, "column 'fold' is not expected", DUE)],
    ),
    "prediction column missing": (
        "id\n1\n2\n3\n4\n",
        [(None, "y", None, "column 'y' is missing", DUE)],
    ),
    "id column missing": (
        "y\n<A>\n<B>\n<C>\n<D>\n",
        [(None, "id", None, "column 'id' is missing", DUE)],
    ),
    "column renamed": (
        GOOD.replace("id,y", "id,answer"),
        [
            (None, "y", None, "column 'y' is missing", DUE),
            (None, "answer", None, "column 'answer' is not expected", DUE),
        ],
    ),
    "columns in upper case": (
        GOOD.replace("id,y", "ID,Y"),
        [
            (None, "id", None, "column 'id' is missing", "rename 'ID' to 'id'"),
            (None, "y", None, "column 'y' is missing", "rename 'Y' to 'y'"),
        ],
    ),
    "space in the header": (
        GOOD.replace("id,y", "id, y"),
        [(None, "y", None, "column 'y' is missing", "rename ' y' to 'y'")],
    ),
    "column twice": (
        "id,y,y\n1,<A>,<A>\n2,<B>,<B>\n3,<C>,<C>\n4,<D>,<D>\n",
        [(None, "y", None, "column 'y' occurs 2 times", "keep one")],
    ),
    "id column twice": (
        "id,id,y\n1,1,<A>\n2,2,<B>\n3,3,<C>\n4,4,<D>\n",
        [(None, "id", None, "column 'id' occurs 2 times", "keep one")],
    ),
    "no header": (
        "7,8\n1,<A>\n2,<B>\n3,<C>\n4,<D>\n",
        [
            (None, "id", None, "column 'id' is missing", DUE),
            (None, "y", None, "column 'y' is missing", DUE),
            (
                None,
                "7",
                None,
                "column '7' is not expected",
                "the first line must be the header: id, y",
            ),
            (
                None,
                "8",
                None,
                "column '8' is not expected",
                "the first line must be the header: id, y",
            ),
        ],
    ),
    "empty file": (b"", [(None, None, None, "the file is empty", DUE)]),
    "nothing but line feeds": (b"\n\r\n\n", [(None, None, None, "the file is empty", DUE)]),
    "nothing but a BOM": (b"\xef\xbb\xbf", [(None, None, None, "the file is empty", DUE)]),
    "header only": (
        "id,y\n",
        [(None, None, None, "the file has a header and no rows", "every id has one row")],
    ),
    "semicolons": (
        GOOD.replace(",", ";"),
        [(None, None, "id;y", "cells are separated by semicolons, not commas", COMMAS)],
    ),
    "semicolons and quotes": (
        '"id";"y"\n"1";"<A>"\n',
        [(None, None, '"id";"y"', "cells are separated by semicolons, not commas", COMMAS)],
    ),
    "tabs": (
        GOOD.replace(",", "\t"),
        [(None, None, "id\ty", "cells are separated by tabs, not commas", COMMAS)],
    ),
    "semicolons below a header with commas": (
        GOOD.replace("3,<C>", "3;<C>"),
        [
            (
                3,
                None,
                "3;<C>",
                "too few cells in the row",
                "separate cells by commas, not semicolons",
            )
        ],
    ),
    "row cut short": (
        GOOD.replace("3,<C>", "3"),
        [(3, None, "3", "too few cells in the row", WIDTH)],
    ),
    "row with a cell too many": (
        GOOD.replace("3,<C>", "3,<C>,"),
        [(3, None, "3,<C>,", "too many cells in the row", WIDTH)],
    ),
    "quote left open": (
        GOOD.replace("3,<C>", '3,"<C>'),
        [(3, None, '3,"<C>', "a quote is opened and never closed", QUOTES)],
    ),
    "quote left open in the header": (
        GOOD.replace("id,y", 'id,"y'),
        [(None, None, 'id,"y', "a quote is opened and never closed", QUOTES)],
    ),
    "two quotes left open": (
        GOOD.replace("2,<B>", '2,"<B>').replace("4,<D>", '4,"<D>'),
        [
            (2, None, '2,"<B>', "text follows a closing quote", QUOTES),
            (4, None, '4,"<D>', "a quote is opened and never closed", QUOTES),
        ],
    ),
    "text after a quote": (
        GOOD.replace("3,<C>", '3,"<C>"x'),
        [(3, None, '3,"<C>"x', "text follows a closing quote", QUOTES)],
    ),
    "NUL byte": (
        GOOD.replace("3,<C>", "3,<C>\0"),
        [(3, None, "3,<C>\\0", "NUL byte in the row", "write the file anew")],
    ),
    "latin-1": (
        "id,y\n1,<A>\n2,<B>\n3,<C>\xe9\n4,<D>\n",
        [(3, None, "3,<C>\\xe9", "not UTF-8 text", UTF8)],
    ),
    "UTF-16": (GOOD.encode("utf-16"), [(None, None, None, "the file is written in UTF-16", UTF16)]),
    "UTF-16 without a mark": (
        GOOD.encode("utf-16-le"),
        [(None, None, None, "the file is written in UTF-16", UTF16)],
    ),
    "UTF-16, big end first": (
        GOOD.encode("utf-16-be"),
        [(None, None, None, "the file is written in UTF-16", UTF16)],
    ),
    "PNG": (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        [(None, None, None, "the file looks like a PNG image", READABLE)],
    ),
    "PDF": (b"%PDF-1.7\n", [(None, None, None, "the file looks like a PDF document", READABLE)]),
    "xlsx": (
        zipped(**{"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
        [(None, None, None, "the file looks like an Excel workbook", "export it as csv")],
    ),
    "npz": (
        zipped(**{"a.npy": b"\x93NUMPY"}),
        [(None, None, None, "the file looks like a NumPy archive (npz)", READABLE)],
    ),
    "JSON": (
        b'[{"id": 1, "y": 2}]',
        [(None, None, '[{"id": 1, "y": 2}]', "the file looks like JSON", "submit csv")],
    ),
    "HTML": (
        b"<!DOCTYPE html>\n<html></html>",
        [(None, None, "<!DOCTYPE html>", "the file looks like HTML or XML", "submit csv")],
    ),
    "two files in a zip": (
        zipped(**{"a.csv": b"id,y\n", "b.csv": b"id,y\n"}),
        [(None, None, "a.csv, b.csv", "the file has 2 files in it", "pack one csv file")],
    ),
    "empty zip": (
        zipped(),
        [(None, None, None, "the file has no file in it", "pack one csv file")],
    ),
    "image in a zip": (
        zipped(**{"a.csv": b"\x89PNG\r\n\x1a\n"}),
        [(None, None, None, "what is packed in the file looks like a PNG image", READABLE)],
    ),
    "zip cut off": (
        zipped(**{"a.csv": GOOD.encode()})[:-30],
        [(None, None, None, "the file is not a whole zip archive", "pack it again")],
    ),
    "zip with a changed byte": (
        zipped(**{"a.csv": GOOD.encode()}).replace(b"\0\x00a.csv", b"\0\x00a.csv\xff", 1),
        [(None, None, None, "the file is damaged or cut off", "pack it again")],
    ),
    "gzip cut off": (
        gz(GOOD.encode() * 9)[:-12],
        [(None, None, None, "the file is damaged or cut off", "pack it again")],
    ),
    "gzip with rubbish behind": (
        gz(b"id,y\n") + b"rubbish",
        [(None, None, None, "the file is damaged or cut off", "pack it again")],
    ),
    "gzip in gzip": (
        gz(gz(GOOD.encode())),
        [(None, None, None, "what is packed in the file looks like a gzip file", READABLE)],
    ),
    "Parquet cut off": (
        b"PAR1" + b"\0" * 40,
        [(None, None, None, "the file is damaged or cut off", "write the Parquet file anew")],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STRUCTURE)
def test_faults_of_the_file_are_named(name: str, kind: str, submit: Any) -> None:
    given, problems = STRUCTURE[name]
    encoding = "latin-1" if name == "latin-1" else "utf-8"
    data = given if isinstance(given, bytes) else fill(given, kind).encode(encoding)
    due = [
        (row, column, value and fill(value, kind), message, hint)
        for row, column, value, message, hint in problems
    ]

    assert submit(data, kind).problems == due


# --- Cells, by kind: cell of row 3 -> worth, or (value, message, hint) ---------------------------
MISSING = "fill it in: every row is scored"
LABELS_INT, LABELS_TEXT = "labels: 0, 1", "labels: no, yes"
UNKNOWN = "not a label of the training data"
OUTSIDE = "not a probability between 0 and 1"
NUMBERS: dict[str, float | tuple[str, str]] = {
    " 0.5 ": 0.5,
    "+.5": 0.5,
    "5.": 5.0,
    "1E2": 100.0,
    "-0": 0.0,
    '"0.5"': 0.5,
    "1e-400": 0.0,
    "": ("missing where a number is due", MISSING),
    "NaN": ("missing where a number is due", MISSING),
    "nan": ("missing where a number is due", MISSING),
    "NA": ("missing where a number is due", MISSING),
    "null": ("missing where a number is due", MISSING),
    "None": ("missing where a number is due", MISSING),
    "inf": ("infinite where a number is due", "clip it to a finite number"),
    "-Infinity": ("infinite where a number is due", "clip it to a finite number"),
    "1e400": ("too large for a number", "the largest is about 1.8e308"),
    "-1e400": ("too large for a number", "the largest is about 1.8e308"),
    "abc": ("not a number", ""),
    "1_000": ("not a number", ""),
    "0x10": ("not a number", ""),
    "1 000": ("not a number", ""),
    "١": ("not a number", ""),
    "True": ("not a number", "write 1 for True and 0 for False"),
    "50%": ("not a number", "write a fraction: 0.5 for 50%"),
    '"0,5"': ("not a number", "write a point as the decimal mark"),
    '"1,000.5"': ("not a number", "write numbers without thousands separators"),
}
PROBABILITIES: dict[str, float | tuple[str, str]] = {
    "0": 0.0,
    "1": 1.0,
    "1e-300": 1e-300,
    "1.2": (OUTSIDE, "predict probabilities, or clip what you predict to [0, 1]"),
    "-0.1": (OUTSIDE, "raw scores become probabilities by 1 / (1 + exp(-x))"),
    "1.0000000002": (OUTSIDE, "clip them to [0, 1]"),
    "-1e-9": (OUTSIDE, "clip them to [0, 1]"),
    "": ("missing where a probability is due", MISSING),
    "inf": ("infinite where a probability is due", "clip it to a finite number"),
    "1e400": ("too large for a number", "the largest is about 1.8e308"),
    "abc": ("not a number", ""),
}
INTEGER_LABELS: dict[str, int | tuple[str, str]] = {
    "1": 1,
    "1.0": 1,
    "01": 1,
    "+1": 1,
    " 1": 1,
    "1e0": 1,
    "-0": 0,
    "2": (UNKNOWN, LABELS_INT),
    "-1": (UNKNOWN, LABELS_INT),
    "300": (UNKNOWN, LABELS_INT),
    "0x1": (UNKNOWN, LABELS_INT),
    "0.7": (UNKNOWN, f"{LABELS_INT}; a label is due, not a probability or a mean"),
    "True": (UNKNOWN, "write 1 for True and 0 for False"),
    "yes": (UNKNOWN, LABELS_INT),
    "": ("missing where a label is due", MISSING),
    "NaN": ("missing where a label is due", MISSING),
    "inf": (UNKNOWN, LABELS_INT),
    "1e400": (UNKNOWN, LABELS_INT),
}
TEXT_LABELS: dict[str, int | tuple[str, str]] = {
    '"yes"': 1,
    "Yes": (UNKNOWN, "write 'yes' for 'Yes'"),
    " yes": (UNKNOWN, "write 'yes' for ' yes'"),
    "maybe": (UNKNOWN, LABELS_TEXT),
    "1": (UNKNOWN, LABELS_TEXT),
    'y"es': (UNKNOWN, LABELS_TEXT),
    "": ("missing where a label is due", MISSING),
    "NA": ("missing where a label is due", MISSING),
}
TEXTS: dict[str, str] = {
    "": "",
    "NA": "NA",
    "a b c": "a b c",
    '"a,b"': "a,b",
    '"two\nlines"': "two\nlines",
    '"two\r\nlines"': "two\r\nlines",
    '"a ""quoted"" word"': 'a "quoted" word',
    '5" pipe': '5" pipe',
    " spaces ": " spaces ",
    "Zürich": "Zürich",
}
CASES = [
    (kind, cell, due)
    for kind, table in (
        ("number", NUMBERS),
        ("probability", PROBABILITIES),
        ("label int", INTEGER_LABELS),
        ("label text", TEXT_LABELS),
    )
    for cell, due in table.items()
]


@pytest.mark.parametrize(("kind", "cell", "due"), CASES, ids=[f"{k}: {c}" for k, c, _ in CASES])
def test_cells(kind: str, cell: str, due: Any, submit: Any) -> None:
    outcome = submit(fill(GOOD.replace("<C>", "?"), kind).replace("?", cell).encode(), kind)

    if isinstance(due, tuple):
        assert outcome.problems == [(3, "y", cell.strip('"'), *due)]
    else:
        assert outcome.values == [*WORTH[kind][:2], due, WORTH[kind][3]]


@pytest.mark.parametrize("kind", ["labels", "text"])
@pytest.mark.parametrize("cell", TEXTS)
def test_texts_and_lists_may_be_anything(cell: str, kind: str, submit: Any) -> None:
    outcome = submit(f"id,y\n1,a\n2,b\n3,{cell}\n4,d\n".encode(), kind)

    assert outcome.values == ["a", "b", TEXTS[cell], "d"]


def test_percentages_are_recognised(submit: Any) -> None:
    outcome = submit(b"id,y\n1,10\n2,99.5\n3,0.3\n4,50\n", "probability")

    assert outcome.problems == [
        (1, "y", "10, 99.5, 50", f"{OUTSIDE} (3 rows)", "divide percentages by 100")
    ]


def test_decimal_commas_are_recognised(submit: Any) -> None:
    outcome = submit(b"id,y\n1,0,5\n2,1\n3,0,25\n4,1\n")

    assert outcome.problems == [
        (
            1,
            None,
            "1,0,5, 3,0,25",
            "too many cells in the row (2 rows)",
            "write numbers with a point, not a decimal comma",
        )
    ]


def test_all_faults_come_in_one_go(submit: Any) -> None:
    outcome = submit(b"id,y\n1,x\n1,0.2\n3.0,\n9,inf\n\xff,1\n5\n2,0.5,\n")

    assert outcome.problems == [
        (5, None, "\\xff,1", "not UTF-8 text", UTF8),
        (6, None, "5", "too few cells in the row", WIDTH),
        (7, None, "2,0.5,", "too many cells in the row", WIDTH),
        (
            3,
            "id",
            "3.0, 9",
            "unknown id (2 rows)",
            "ids are written as 3.0; write them as integers (3)",
        ),
        (2, "id", "1", "id that occurs more than once", "each id has one row"),
        (1, "y", "x", "not a number", ""),
        (3, "y", "", "missing where a number is due", MISSING),
        (4, "y", "inf", "infinite where a number is due", "clip it to a finite number"),
    ]


def test_text_ids(submit: Any) -> None:
    ids = ["001", "b", "c d", "e,f"]

    fine = submit(b'id,y\n"e,f",4\n001,1\nb,2\nc d,3\n', ids=ids)
    assert (fine.values, fine.fast) == ([1.0, 2.0, 3.0, 4.0], True)

    changed = submit(b'id,y\n1,1\nB,2\nc d ,3\n"e,f",4\n', ids=ids)
    assert changed.problems == [
        (
            1,
            "id",
            "1, B, c d ",
            "unknown id (3 rows)",
            "ids are written as '1'; write '001'",
        )
    ]


def test_negative_ids(submit: Any) -> None:
    ids = [-2, -1, 0, 10]

    assert submit(b"id,y\n10,4\n0,3\n-1,2\n-2,1\n", ids=ids).values == [1.0, 2.0, 3.0, 4.0]
    assert submit(b"id,y\n10,4\n-0,3\n-1,2\n-2,1\n", ids=ids).problems == [
        (2, "id", "-0", "unknown id", "ids are written as '-0'; write '0'")
    ]


def test_labels_that_are_decimal_numbers(submit: Any) -> None:
    from practice.scoring.records import Column

    column = Column("y", "label", ("-1", "0.50", "2"))

    assert submit(b"id,y\n1,2.0\n2,.5\n3,-1\n4,0.500\n", column).values == [2, 1, 0, 1]
    assert submit(b"id,y\n1,2.0\n2,.51\n3,-1\n4,0.5\n", column).problems == [
        (
            2,
            "y",
            ".51",
            UNKNOWN,
            "labels: -1, 0.50, 2; a label is due, not a probability or a mean",
        )
    ]


def test_a_directory(tmp_path: Path, submit: Any) -> None:
    folder = tmp_path / "sub.csv"
    folder.mkdir()

    assert submit(folder).problems == [(None, None, None, "sub.csv is a directory", READABLE)]


def test_long_cells_are_cut_in_messages(submit: Any) -> None:
    (problem,) = submit(b"id,y\n1," + b"z" * 500 + b"\n2,1\n3,1\n4,1\n").problems

    assert problem[2] == "z" * 57 + "..."
