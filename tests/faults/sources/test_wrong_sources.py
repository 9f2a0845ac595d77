"""One fault in a source after one clean night; `make faults` tries all of them, after twenty."""

import pytest

from tests.faults.sources.catalogue import CATALOGUE
from tests.faults.sources.laboratory import Laboratory

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("source_faults")]


def test_forged_amounts_are_stopped(tmp_path):
    laboratory = Laboratory(tmp_path, scale=0.05)
    assert list(laboratory.publish_nights(1)) == [""]
    (forged,) = [fault for fault in CATALOGUE if fault.name == "amounts x 100"]
    outcome = laboratory.try_out(forged, seed=1)
    assert (outcome.became, outcome.is_right) == ("stopped", True), outcome
