"""A few wrong models on the whole demo company; `make mutants` makes hundreds and writes docs/proof.md."""

import shutil

import duckdb
import pytest

from pipelines.paths import EXPECTATIONS
from pipelines.quality.judge import judge
from tests.faults.models.catalogue import NAMED
from tests.faults.models.judgement import Judgement, judgements
from tests.faults.models.laboratory import Laboratory
from tests.faults.models.sample import sample
from tests.faults.models.table import Results
from tests.faults.models.unit_tests import compile_unit_tests

pytestmark = pytest.mark.xdist_group("demo")

MODELS = ("rpt_win_rate", "rpt_sales_by_region", "fct_returns")
SEED = 1


@pytest.fixture(scope="module")
def laboratory(demo_home) -> Laboratory:
    tests = compile_unit_tests(demo_home / "warehouse" / "warehouse.duckdb", list(MODELS))
    return Laboratory(demo_home, tests, known_answers=False)


def test_no_wrong_model_goes_unnoticed(laboratory):
    chosen = sample([one for model in MODELS for one in laboratory.mutants(model)], SEED, 15)
    results = Results([one for one in map(laboratory.examine, chosen) if one.valid], judgements())
    assert len(results.outcomes) > 10
    assert not [one.mutant for one in results.survivors]


def test_what_an_expectation_notices_here_it_notices_before_publication(laboratory, demo_home, tmp_path):
    model = "rpt_sales_by_region"
    (lost, *_) = [one for one in laboratory.mutants(model) if one.kind == "filter lost"]
    outcome = laboratory.examine(lost)
    assert outcome.stopped == "expectation"
    suites, candidate = tmp_path / "suites", tmp_path / "marts.duckdb"
    suites.mkdir()
    shutil.copy(EXPECTATIONS / f"{model}.yml", suites)
    shutil.copy(demo_home / "releases" / "current" / "marts.duckdb", candidate)
    candidate.chmod(0o644)
    assert outcome.by not in {check.name for check in judge(candidate, suites).failed}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{candidate}' as warehouse")
        connection.execute("use warehouse")
        connection.execute(f"create or replace table marts.{model} as {laboratory.sql(lost)}")
    assert outcome.by in {check.name for check in judge(candidate, suites).failed}


def test_a_model_as_it_is_passes_and_what_was_made_wrong_is_undone(laboratory):
    model = laboratory.project.models["fct_returns"]
    before = laboratory.world.content(model)
    (lost, *_) = [one for one in laboratory.mutants("fct_returns") if one.kind == "fan-out join"]
    assert laboratory.examine(lost).caught
    assert laboratory.world.content(model) == before
    with laboratory.world.undone():
        assert not laboratory.world.build(model)


def test_judgements_are_about_mutants_that_there_are(laboratory):
    def is_idle(judgement: Judgement) -> bool:
        models = filter(judgement.concerns, laboratory.project.candidates)
        there = (one for model in models for one in laboratory.mutants(model, judgement.kind))
        return not any(map(judgement.covers, there))

    idle = [f"{one.models}, {one.kind}: {one.what}" for one in judgements() if is_idle(one)]
    assert not idle, "these judgements are about nothing any more:\n" + "\n".join(idle)


def test_every_fault_that_is_promised_can_be_made(laboratory):
    candidates = laboratory.project.candidates
    assert all(any(laboratory.mutants(model, kind) for model in candidates) for kind in NAMED)
