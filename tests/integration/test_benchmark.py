"""The floor of the benchmark builds what a run builds, and the other programs of it are about the same figures."""

import pytest

from benchmarks.company import orders_of
from benchmarks.nights import bench


@pytest.mark.long
def test_the_floor_is_no_different_program(tmp_path):
    found = bench(tmp_path, "200", ("run", "floor", "pandas"), {}, lambda line: None)

    (floor,) = found["facts"]["floor"]
    assert floor["nodes"] > 700 and floor["tests"] > 400
    # which of 0.0 and -0.0 a ratio of zero is depends on the order of rows
    assert set(floor["differences"]) <= {"marts.rpt_trend"}
    (pandas,) = found["facts"]["pandas"]
    assert len(pandas["marts"]) == 10
    for mart in pandas["marts"]:
        assert mart["figures"] > 100
        assert mart["different"] == 0, mart["mart"]
    for (one,) in found["variants"].values():
        assert one["total"]["cpu"] > 0 and one["peak"] > 0
        assert one["steps"]["start"]["wall"] > 0


def test_sizes_are_numbers_of_orders():
    assert [orders_of(size) for size in ("200", "4k", "0.5k", "100K", "1m")] == [200, 4000, 500, 100_000, 1_000_000]
    with pytest.raises(ValueError, match="write a number of orders"):
        orders_of("many")
