"""A refresh from end to end: what it does a second time, and how it ends when something is wrong."""

import shutil

import pytest

from tests.support import batches, copy_of_company, copy_of_project, current, digests, rapport, restored

pytestmark = pytest.mark.xdist_group("refresh")


@pytest.fixture(scope="module")
def company(small_company, tmp_path_factory):
    """A small demo company, published: configuration and home."""
    folder = tmp_path_factory.mktemp("small")
    config = copy_of_company(small_company, folder)
    shutil.copytree(folder / "home", folder / "backup", symlinks=True)
    return config, folder / "home"


@pytest.fixture
def published(company):
    """The company as it was when it had just been published, whatever a test before did to it."""
    config, home = company
    restored(home, home.parent / "backup")
    return config, home


def test_the_same_run_again_lands_nothing_and_publishes_nothing(published):
    config, home = published
    landed, release = batches(home), current(home)
    again = rapport("run", "--config", config)
    assert again.returncode == 0, again.stderr
    assert "Nothing new" in again.stdout
    assert (batches(home), current(home)) == (landed, release)
    assert len(list((home / "releases").glob("2*"))) == 1


@pytest.mark.long
def test_a_warehouse_that_was_deleted_is_rebuilt_with_the_same_content(published):
    config, home = published
    before = digests(home)
    (home / "warehouse" / "warehouse.duckdb").unlink()
    shutil.rmtree(home / "releases")
    done = rapport("run", "--config", config)
    assert done.returncode == 0, done.stderr
    assert digests(home) == before


@pytest.mark.long
def test_a_model_that_joins_orders_to_payments_before_summing_is_stopped(published, tmp_path):
    config, home = published
    before, release = digests(home), current(home)
    project = copy_of_project(tmp_path)
    model = project / "dbt_project/models/marts/sales/rpt_sales_summary.sql"
    text = model.read_text()
    changed = text.replace(
        "select * from {{ ref('fct_orders') }} where exclusion is null",
        "select o.* from {{ ref('fct_orders') }} as o left join {{ ref('fct_payments') }} as p "
        "on o.order_key = p.order_key where o.exclusion is null",
    )
    assert changed != text
    model.write_text(changed)
    done = rapport("run", "--config", config, project=project)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "reconciliation" in done.stderr
    pages = home / "warehouse" / "refused" / "checks" / "index.html"
    assert str(pages) in done.stderr
    assert "Refused" in pages.read_text(encoding="utf-8")
    listed = rapport("quarantine", "list", "--refused", "--config", config)
    assert "rows in quarantine, refused candidate" in listed.stdout, listed.stderr
    assert (current(home), digests(home)) == (release, before)


@pytest.mark.long
def test_an_expectation_that_raises_stops_the_release(published, tmp_path):
    config, home = published
    before, release = digests(home), current(home)
    project = copy_of_project(tmp_path)
    with (project / "expectations" / "rpt_sales_summary.yml").open("a") as suite:
        suite.write(
            "  - type: unexpected_rows_expectation\n"
            "    kwargs: {unexpected_rows_query: 'select no_such_column from {batch}'}\n"
            "    says: This cannot be evaluated.\n"
        )
    done = rapport("run", "--config", config, project=project)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "no answer" in done.stderr
    assert (current(home), digests(home)) == (release, before)


@pytest.mark.long
def test_a_missing_exchange_rate_is_a_failure_and_not_a_rate_of_one(published, tmp_path):
    config, home = published
    release = current(home)
    source = tmp_path / "source"
    shutil.copytree(config.parent / "demo" / "source", source)
    rates = source / "exchange_rate.csv"
    lines = rates.read_text().splitlines(keepends=True)
    rates.write_text("".join([lines[0], *(line for line in lines if "2025-" in line)]))
    changed = tmp_path / "rapport.yml"
    changed.write_text(config.read_text().replace(str(config.parent / "demo" / "source"), str(source)))
    done = rapport("run", "--config", changed)
    assert done.returncode == 3, done.stdout + done.stderr
    assert current(home) == release


@pytest.mark.parametrize("mistake", ["company: {name: X, currency: EURO}", "sources: []", "colour: blue"])
def test_a_mistake_in_the_configuration_ends_with_2_and_names_the_file(tmp_path, mistake):
    config = tmp_path / "rapport.yml"
    config.write_text(mistake + "\n")
    done = rapport("run", "--config", config)
    assert done.returncode == 2
    assert str(config) in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_options_end_with_2():
    assert rapport("run", "--no-such-option").returncode == 2
