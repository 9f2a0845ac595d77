"""Two faults in sources after one clean night; `make faults` tries all of them, after twenty."""

import pytest

from tests.faults.sources.catalogue import CATALOGUE
from tests.faults.sources.laboratory import Laboratory

pytestmark = pytest.mark.xdist_group("source_faults")

FAULTS = {fault.name: fault for fault in CATALOGUE}


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory) -> Laboratory:
    """A company that has published one night."""
    laboratory = Laboratory(tmp_path_factory.mktemp("laboratory"), scale=0.05)
    assert list(laboratory.publish_nights(1)) == [""]
    return laboratory


def test_forged_amounts_are_stopped(laboratory):
    outcome = laboratory.try_out(FAULTS["amounts x 100"], seed=1)
    assert (outcome.became, outcome.is_right) == ("stopped", True), outcome


def test_garbled_values_are_quarantined_and_nothing_else(laboratory):
    outcome = laboratory.try_out(FAULTS["values garbled"], seed=1)
    assert (outcome.became, outcome.is_right) == ("quarantined", True), outcome
