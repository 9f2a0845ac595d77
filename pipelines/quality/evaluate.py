"""Lets Great Expectations evaluate expectations. Importing this costs seconds: import it where it is used."""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from typing import Any

import duckdb
import great_expectations as gx
from great_expectations.compatibility import pydantic
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.exceptions import GreatExpectationsError
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

from pipelines.progress import say
from pipelines.quality import unexpected
from pipelines.quality.engine import CandidateDatasource
from pipelines.quality.results import in_short, to_check
from pipelines.quality.suites import QUERY, Declared
from pipelines.quality.verdict import MAX_ROWS, Check
from pipelines.releases.digest import column_types
from pipelines.releases.names import quote_name, table_name

# how many answers there are between two lines of progress
_TOLD = 200
_BRIEF = {"result_format": "SUMMARY", "partial_unexpected_count": MAX_ROWS}


def evaluate(connection: duckdb.DuckDBPyConnection, declared: list[Declared]) -> list[Check]:
    """Return one check for each of `declared`, whose tables are in the default database of `connection`.

    An expectation that could not be evaluated is a failed check; nothing is raised for it.
    """
    with _quiet():
        context = gx.get_context(mode="ephemeral")
        context.enable_analytics(False)
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        source = context.data_sources.add_rapport_candidate(name="candidate")
        source.use(connection)
        told = 0
        try:
            tables = groupby(sorted(declared, key=lambda one: one.table), key=lambda one: one.table)
            checks = []
            for table, ones in tables:
                checks += _evaluate_table(connection, source, table, list(ones))
                if len(checks) // _TOLD > told:
                    told = len(checks) // _TOLD
                    say("prove", f"{len(checks)} of {len(declared)} expectations answered")
            return checks
        finally:
            source.close()


def _evaluate_table(
    connection: duckdb.DuckDBPyConnection, source: CandidateDatasource, table: str, declared: list[Declared]
) -> list[Check]:
    schema, name = table.split(".")
    expectations: dict[str, Expectation] = {}
    checks = {}
    for one in declared:
        try:
            expectations[one.name] = _build(one, schema, name)
        except (GreatExpectationsError, pydantic.ValidationError, TypeError, ValueError) as error:
            checks[one.name] = one.unanswered(f"{one.type}: {_mistakes(error)}")
    try:
        asset = source.add_table_asset(table, table_name=quote_name(name), schema_name=schema)
        batch = asset.get_batch(asset.build_batch_request())
        results = _validate(batch, table, expectations)
    except Exception as error:  # whatever happens in there, the candidate is not proven
        return [*checks.values(), *(one.unanswered(in_short(error)) for one in declared if one.name in expectations)]
    columns = [column for column, _ in column_types(connection, schema, name)]
    for one in declared:
        if one.name not in expectations:
            continue
        check = to_check(one, results.get(one.name))
        if not check.is_proof:
            check = _look_closer(batch, expectations[one.name], one, check, columns)
        checks[one.name] = check
    return list(checks.values())


def _build(declared: Declared, schema: str, name: str) -> Expectation:
    kwargs = dict(declared.kwargs)
    if isinstance(kwargs.get(QUERY), str):
        # Left to Great Expectations, {batch} would get an alias, except where the query has a join: `from {batch} as b`
        # would work in one query and not in the next.
        kwargs[QUERY] = kwargs[QUERY].replace("{batch}", table_name(schema, name))
    meta = {"check": declared.name}
    if declared.type == unexpected.TYPE:
        return unexpected.UnexpectedRows(**kwargs, meta=meta)
    return ExpectationConfiguration(type=declared.type, kwargs=kwargs, meta=meta).to_domain_obj()


def _validate(batch: Batch, table: str, expectations: dict[str, Expectation]) -> dict[str, Any]:
    if not expectations:
        return {}
    suite = gx.ExpectationSuite(name=table, expectations=list(expectations.values()))
    answers = batch.validate(suite, result_format=_BRIEF)
    return {answer.expectation_config.meta["check"]: answer for answer in answers.results}


def _look_closer(batch: Batch, expectation: Expectation, declared: Declared, check: Check, columns: list[str]) -> Check:
    """Evaluate a failed expectation once more, alone, for its own error or for the whole rows that failed it."""
    if not check.evaluated:
        return _again(batch, expectation, declared, _BRIEF) or check
    with_rows: dict[str, Any] = {"result_format": "COMPLETE"}
    if QUERY not in declared.kwargs:
        with_rows = {**_BRIEF, "unexpected_index_column_names": columns}
    closer = _again(batch, expectation, declared, with_rows)
    if closer is None or not closer.evaluated:
        return check
    return replace(check, observed=closer.observed, rows=closer.rows)


def _again(batch: Batch, expectation: Expectation, declared: Declared, result_format: dict) -> Check | None:
    try:
        return to_check(declared, batch.validate(expectation, result_format=result_format))
    except Exception:  # the first answer stands, and it was a failure
        return None


def _mistakes(error: Exception) -> str:
    if isinstance(error, pydantic.ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return in_short(error)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Great Expectations prints and logs what the verdict says anyway."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
