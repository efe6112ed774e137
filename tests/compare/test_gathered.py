"""What is observed is taken in as it comes: same tables, bounded memory, nothing left behind."""

import errno
import gc
import os
import tempfile
import tracemalloc
from copy import deepcopy

import numpy as np
import pytest

from txsim.compare import Comparison, rows, single_years
from txsim.compare.gathered import Gathered
from txsim.compare.rows import Rows, some_at_a_time
from txsim.errors import OutputError
from txsim.outcomes import measure

from ..draws import draw_numbers
from ..outcomes.made_runs import small_scenario
from .made_comparisons import made_measures, made_run


@pytest.fixture
def on_disk(monkeypatch, tmp_path):
    """Everything is kept in a file of this folder; little is worked on at a time."""
    monkeypatch.setattr(rows, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(rows, "AT_A_TIME", 20_000)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("in_memory", [True, False])
def test_rows_are_read_as_they_were_written_in_any_order(in_memory, monkeypatch):
    monkeypatch.setattr(rows, "MOST_IN_MEMORY", 2**20 if in_memory else 0)
    numbers = np.random.default_rng(1).normal(size=(7, 5))
    numbers[2, 3] = np.nan
    kept = Rows(7, 5)
    for row in (3, 0, 6, 1, 2, 5, 4):
        kept.write(row, numbers[row])
    np.testing.assert_array_equal(kept.read(slice(0, 5)), numbers)
    np.testing.assert_array_equal(kept.read(slice(1, 4)), numbers[:, 1:4])
    np.testing.assert_array_equal(kept.read(slice(2, 3), slice(4, 6)), numbers[4:6, 2:3])


def test_what_is_worked_on_at_a_time_is_bounded_and_leaves_nothing_out():
    for count, columns, width in ((10_000, 700, 1), (10_000, 38, 157), (3, 1, 1), (0, 4, 2)):
        slices = list(some_at_a_time(count, columns, width))
        assert [place for one in slices for place in range(one.start, one.stop)] == list(
            range(columns)
        )
        for one in slices:
            size = (one.stop - one.start) * width * count * 8
            assert size <= rows.AT_A_TIME or one.stop - one.start == 1


def designs_and_measures(replications: int):
    first = small_scenario().with_changes(name="today")
    designs = [first, first.with_changes(name="longer")]
    return designs, [made_measures(designs[0], replications, 0.0),
                     made_measures(designs[1], replications, 9.0)]  # fmt: skip


def test_tables_and_files_are_the_same_bytes_whether_kept_on_disk_or_in_memory(
    on_disk, monkeypatch, tmp_path
):
    from txsim.compare import files

    designs, measured = designs_and_measures(12)
    order = np.random.default_rng(3).permutation(12)
    found = []
    for place in (0, 2**30):
        monkeypatch.setattr(rows, "MOST_IN_MEMORY", place)
        if place:
            monkeypatch.undo()
        years = Gathered(12)
        for replication in order:
            years.add(int(replication), [each[replication] for each in measured])
        made = Comparison(designs, years, draw_numbers(12), {"seed": 1})
        found.append(made.save(tmp_path / str(place)))
    names = sorted(file.name for file in found[0].iterdir())
    assert len(names) == len(files.TABLES) + 4
    for name in names:
        assert (found[0] / name).read_bytes() == (found[1] / name).read_bytes(), name


def test_every_value_in_parts_is_the_whole_table(on_disk):
    designs, measured = designs_and_measures(12)
    made = Comparison(designs, measured, draw_numbers(12), {"seed": 1})
    several = list(made.replications_in_parts())
    assert len(several) > 4
    assert sum(len(part) for part in several) == len(made.replications)
    assert tuple(made.replications.columns) == single_years.COLUMNS
    assert several[-1]["scenario"].unique().tolist() == ["longer"]
    last = made.replications[made.replications["scenario"] == "longer"].iloc[-1]
    assert several[-1].iloc[-1]["value"] == last["value"]


def test_large_tables_are_written_a_group_of_rows_at_a_time(on_disk, monkeypatch):
    from pandas import read_parquet
    from pyarrow.parquet import ParquetFile

    from txsim.compare import files

    monkeypatch.setattr(files, "ROWS_IN_A_GROUP", 3000)
    designs, measured = designs_and_measures(12)
    made = Comparison(designs, measured, draw_numbers(12), {"seed": 1})
    place = made.save(on_disk / "out") / "replications.parquet"
    groups = ParquetFile(place).metadata
    sizes = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
    assert len(sizes) > 3
    assert set(sizes[:-1]) == {3000}
    back = read_parquet(place)
    assert back["outcome"].tolist() == made.replications["outcome"].tolist()
    np.testing.assert_allclose(back["value"], made.replications["value"], rtol=1e-9)


def test_memory_does_not_grow_with_the_replications(on_disk):
    scenario = small_scenario()
    one = measure(made_run(scenario, 0, 0.0))
    size = sum(part.nbytes for part in (one.values, one.people, *one.curves.values()))

    def grown(replications: int) -> int:
        gc.collect()
        tracemalloc.start()
        years = Gathered(replications)
        for replication in range(replications):
            years.add(replication, [deepcopy(one)])
        gc.collect()
        left, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert left < 3 * size
        return most

    grown(2)
    assert grown(60) < grown(10) + 2 * size < 60 * size


def test_nobody_else_can_read_what_is_kept_and_nothing_is_left_of_it(on_disk):
    kept = Rows(100, 100)
    kept.write(99, np.ones(100))
    if os.name == "posix":
        assert list(on_disk.iterdir()) == []
    del kept
    gc.collect()
    assert list(on_disk.iterdir()) == []


def test_a_full_temporary_folder_is_said_in_one_line(on_disk, monkeypatch):
    kept = Rows(10, 10)

    class Full:
        def seek(self, place):
            pass

        def write(self, left):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(kept, "_file", Full())
    with pytest.raises(OutputError, match=r"No space left on device.*TMPDIR"):
        kept.write(0, np.ones(10))
    monkeypatch.setattr(tempfile, "tempdir", str(on_disk / "gone"))
    with pytest.raises(OutputError, match=r"No such file or directory.*TMPDIR"):
        Rows(10, 10)


def test_replications_that_are_kept_elsewhere_are_not_kept_twice(monkeypatch):
    from importlib import import_module

    from txsim.run import replicate

    # The package shows the function of that name, not the module.
    monkeypatch.setattr(
        import_module("txsim.run"),
        "observed",
        lambda *given: [[one.replication] * 2 for one in given[-1]],
    )
    taken = {}
    found = replicate(
        [1, 2], 70, 1, measure, workers=1, keep=lambda r, each: taken.update({r: each})
    )
    assert found == [[], []]
    assert taken == {r: [r, r] for r in range(70)}
    assert replicate([1, 2], 70, 1, measure, workers=1) == [list(range(70))] * 2
