"""Files larger than a block, and files made to do harm."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from practice.scoring import _csv, _rows
from practice.scoring._arrow import int64_array, text_array
from practice.scoring._source import open_source
from practice.scoring._wanted import Wanted
from practice.scoring.reading import read, read_typed
from practice.scoring.records import Answers, Column, Layout, SubmissionRefusedError
from practice.scoring.text import read_text

NUMBER = Layout(("id",), (Column("y", "number"),))
TEXT = Layout(("id",), (Column("y", "text"),))


def answers_of(ids: Any) -> Answers:
    return Answers(ids, ("id",), (), np.ones(len(ids), np.bool_))


def refusal(file: Path, layout: Layout = NUMBER, rows: int = 4) -> SubmissionRefusedError:
    with pytest.raises(SubmissionRefusedError) as caught:
        read(file, layout, answers_of(int64_array(np.arange(1, rows + 1))))
    return caught.value


def test_a_line_of_200_mb_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"id,y\n1,0.5\n2,")
        for _ in range(200):
            file.write(b"9" * (1 << 20))

    tracemalloc.start()
    (problem,) = refusal(path).problems
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert problem.row == 2
    assert problem.message == "the row is longer than 16 MB"
    assert peak < 150 << 20


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    row = b"1," + b"9" * 65_000 + b"\n"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("bomb.csv", "w") as file,
    ):
        file.write(b"id,y\n")
        for _ in range(300):
            file.write(row * 16)
    assert path.stat().st_size < 1 << 20

    problems = refusal(path).problems

    assert problems[-1].message == "bomb.zip holds more than 256 MB"


def test_a_gzip_bomb_of_blank_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"id,y\n")
        for _ in range(40):
            file.write(b"\n" * (1 << 20))

    (problem,) = refusal(path).problems

    assert problem.message == "there are more than 1000000 blank lines; the rest was not read"


def test_a_gzip_bomb_of_one_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(40):
            file.write(b"," * (1 << 20))

    (problem,) = refusal(path).problems

    assert problem.message == "the row is longer than 16 MB"


def test_far_too_many_rows_are_not_read_to_the_end(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"id,y\n" + b"1,0.5\n" * 20_000)

    problems = refusal(path).problems

    assert [p.message for p in problems] == [
        "there are more than 10016 rows; the rest was not read"
    ]


ROWS = 400_000


@pytest.fixture(scope="module")
def numbers() -> tuple[bytes, np.ndarray]:
    values = np.arange(ROWS) / 8
    rows = "".join(f"{number},{value}\n" for number, value in enumerate(values.tolist()))
    return b"id,y\n" + rows.encode(), values


def test_many_blocks_in_order(numbers: tuple[bytes, np.ndarray]) -> None:
    data, values = numbers
    assert len(data) > _csv._BLOCK
    answers = answers_of(int64_array(np.arange(ROWS)))

    found = read_typed(open_source(data), Wanted.of(NUMBER), answers)

    assert np.array_equal(found["y"], values)


@pytest.mark.parametrize("text", [False, True])
def test_many_blocks_in_another_order(text: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_csv, "_BLOCK", 1 << 16)
    rows = 20_000
    order = np.random.default_rng(1).permutation(rows)
    order = np.concatenate([np.arange(5_000), order[order >= 5_000]])  # some blocks are in order
    names = [f"r{number:07d}" if text else str(number) for number in range(rows)]
    data = "id,y\n" + "".join(f"{names[row]},{row}\n" for row in order)
    ids = text_array(names) if text else int64_array(np.arange(rows))

    found = read_typed(open_source(data.encode()), Wanted.of(NUMBER), answers_of(ids))

    assert np.array_equal(found["y"], np.arange(rows))


def test_long_text_ids_are_matched_by_the_slow_pass(submit: Any) -> None:
    ids = ["x" * 300 + str(number) for number in range(4)]

    outcome = submit(("id,y\n" + "".join(f"{i},1\n" for i in reversed(ids))).encode(), ids=ids)

    assert (outcome.values, outcome.fast) == ([1.0] * 4, False)


@pytest.mark.parametrize("shift", range(0, 64, 7))
def test_line_feeds_in_quotes_across_the_edge_of_a_block(
    shift: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_csv, "_BLOCK", 4096)
    cells = [f'{row} "quoted", and\na second\r\nline{"!" * (row % 11)}' for row in range(2_000)]
    rows = ['{},"{}"\n'.format(row, cell.replace('"', '""')) for row, cell in enumerate(cells)]
    data = ("id,y\n" + "\n" * shift + "".join(rows)).encode()
    answers = answers_of(int64_array(np.arange(len(cells))))

    fast = read_typed(open_source(data), Wanted.of(TEXT), answers)
    slow = read_text(open_source(data), Wanted.of(TEXT), answers)

    assert fast["y"].tolist() == cells
    assert slow["y"].tolist() == cells


def test_line_feeds_in_quotes_across_real_blocks() -> None:
    cell = "word " * 50 + "\n" + "next " * 50
    rows = 20_000
    data = ("id,y\n" + "".join(f'{row},"{cell}"\n' for row in range(rows))).encode()
    assert len(data) > 2 * _csv._BLOCK
    answers = answers_of(int64_array(np.arange(rows)))

    assert set(read_typed(open_source(data), Wanted.of(TEXT), answers)["y"]) == {cell}


def test_a_row_longer_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_csv, "_BLOCK", 1000)
    cells = ["a" * 10, "b" * 50_000, 'c\n"' * 9_000, "d"]
    rows = ['{},"{}"\n'.format(row, cell.replace('"', '""')) for row, cell in enumerate(cells, 1)]
    data = ("id,y\n" + "".join(rows)).encode()

    found = read_typed(open_source(data), Wanted.of(TEXT), answers_of(int64_array(np.arange(1, 5))))

    assert found["y"].tolist() == cells


def test_both_passes_draw_the_line_at_the_same_length(
    monkeypatch: pytest.MonkeyPatch, submit: Any
) -> None:
    monkeypatch.setattr(_csv, "_BLOCK", 256)
    for module in (_csv, _rows):
        monkeypatch.setattr(module, "LONGEST_ROW", 5_000)
    monkeypatch.setattr(_rows, "_READ", 100)

    good = submit(b"id,y\n1," + b"a" * 4_900 + b"\n2,b\n3,c\n4,d\n", "text")
    assert (good.values[1:], good.fast) == (["b", "c", "d"], True)
    (problem,) = submit(b"id,y\n1," + b"a" * 15_000 + b"\n2,b\n3,c\n4,d\n", "text").problems
    assert problem[:2] == (1, None)


def test_a_quote_left_open_early_does_not_hide_what_follows(tmp_path: Path) -> None:
    rows = [f"{number},0.5\n" for number in range(50_000)]
    rows[10], rows[49_000] = '10,"0.5\n', "49000,oops\n"
    data = ("id,y\n" + "".join(rows)).encode()

    with pytest.raises(SubmissionRefusedError) as caught:
        read(data, NUMBER, answers_of(int64_array(np.arange(50_000))))

    assert [(p.row, p.message) for p in caught.value.problems] == [
        (11, "a quote is opened and never closed"),
        (49_001, "not a number"),
    ]


def test_a_wide_file(submit: Any) -> None:
    columns = tuple(Column(f"c{number}", "probability") for number in range(3_000))
    layout = Layout(("id",), columns)
    answers = answers_of(int64_array(np.arange(3)))
    header = "id," + ",".join(column.name for column in columns)
    data = header + "\n" + "".join(f"{row}" + ",0.5" * 3_000 + "\n" for row in range(3))

    assert len(read(data.encode(), layout, answers)) == 3_000
    with pytest.raises(SubmissionRefusedError) as caught:
        read(data.replace("c", "k").encode(), layout, answers)
    assert [p.message for p in caught.value.problems] == [
        "3000 columns are missing",
        "3000 columns are not expected",
    ]
