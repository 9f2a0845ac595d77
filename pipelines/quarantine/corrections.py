"""Which lines of a given file are corrections: held against the landed rows, and against earlier corrections."""

from collections import defaultdict
from dataclasses import dataclass, field

from pipelines.errors import ConfigError
from pipelines.landing.batches import BatchManifest
from pipelines.landing.corrections import CORRECTS_BATCH, CORRECTS_ROW, CorrectedRow, CorrectionFile
from pipelines.quarantine.export import landed_values
from pipelines.quarantine.given import GivenFile, GivenLine, mistaken
from pipelines.quarantine.rows import QuarantinedRow
from pipelines.releases.names import quote_name, quote_text
from pipelines.scratch import in_memory
from pipelines.sources.catalog import TableSpec
from pipelines.sources.header import listed

Target = tuple[str, int]
Values = dict[str, str | None]


@dataclass(frozen=True)
class Corrections:
    """What is to be landed of one file (None: nothing), and what of it is not.

    `unchanged` lines are as they were landed, `known` ones were landed as corrections before. `keyless` are the lines
    of rows whose key nobody could read: theirs must be new. `repeated` are lines after which another has their key.
    """

    given: GivenFile
    spec: TableSpec
    file: CorrectionFile | None
    unchanged: int
    known: int
    keyless: frozenset[int]
    repeated: frozenset[int]


@dataclass
class _Landed:
    """The landed rows that lines are about, and those that were corrected before; columns in lower case."""

    rows: dict[Target, Values] = field(default_factory=dict)
    roots: dict[Target, Target] = field(default_factory=dict)
    corrected: dict[Target, Values] = field(default_factory=dict)


def find_corrections(
    given: GivenFile, spec: TableSpec, batches: list[BatchManifest], quarantined: dict[Target, QuarantinedRow]
) -> Corrections:
    """Return the corrections in `given`. `batches` are those of its table, `quarantined` its quarantined rows.

    A row is in quarantine, or was corrected before. Raises ConfigError that names the lines with mistakes.
    """
    _check_columns(given, spec, batches)
    landed = _landed(given, batches)
    names = [name.casefold() for name in given.columns]
    rows, mistakes, unchanged, known = [], [], 0, 0
    lines_of_key: dict[tuple, list[GivenLine]] = defaultdict(list)
    keyless = set()
    for line in given.lines:
        values: Values = dict(zip(names, line.values, strict=True))
        root = landed.roots.get(line.target, line.target)
        before = landed.rows.get(line.target)
        if before is None:
            mistakes.append(f"line {line.number}: {line.target[0]}, row {line.target[1]} is no landed row.")
        elif _same(values, before):
            unchanged += 1
        elif root in landed.corrected and _same(values, landed.corrected[root]):
            known += 1
        elif problem := _problem(spec, values, before, quarantined.get(line.target), root in landed.corrected):
            mistakes.append(f"line {line.number}: {problem}")
        else:
            rows.append(CorrectedRow(line.number, *root, line.values))
            lines_of_key[tuple(values.get(name.casefold()) for name in spec.row_key)].append(line)
            if _lacks_key(spec, before) and root not in landed.corrected:
                keyless.add(line.number)
    for lines in lines_of_key.values():
        if len({line.values for line in lines}) > 1:
            where = listed(str(line.number) for line in lines)
            mistakes.append(
                f"lines {where} have one key and different values. Correct one, leave the others as they were."
            )
    if mistakes:
        raise mistaken(given.path, mistakes)
    repeated = {line.number for lines in lines_of_key.values() for line in lines[:-1]}
    place = (batches[0].system, given.source, given.table)
    file = CorrectionFile(*place, given.file, given.columns, tuple(rows)) if rows else None
    return Corrections(given, spec, file, unchanged, known, frozenset(keyless), frozenset(repeated))


def _check_columns(given: GivenFile, spec: TableSpec, batches: list[BatchManifest]) -> None:
    landed = {name.casefold() for batch in batches for name in batch.columns}
    there = {name.casefold() for name in given.columns}
    lacking = [name for name in spec.columns if name.casefold() in landed - there]
    if lacking:
        raise ConfigError(f"{given.path}: lacks the columns {listed(lacking)}. Give back all that were exported.")


def _problem(
    spec: TableSpec, values: Values, before: Values, quarantined: QuarantinedRow | None, is_corrected: bool
) -> str | None:
    """What is wrong with a line that was changed; its values are not told."""
    if quarantined is None and not is_corrected:
        return "this row is not in quarantine, so it cannot be corrected here. Correct it in its source."
    if quarantined is not None and quarantined.reason_code == "duplicate_key":
        return "this row is an exact copy of one that counts. Leave it as it was, or correct the other one."
    for name in dict.fromkeys((*spec.key, *spec.row_key)):
        old, new = before.get(name.casefold()), values.get(name.casefold())
        if (old or "").strip() and old != new:
            return f"{name} was changed. The key says which record it is; it cannot be corrected here."
        if not (new or "").strip():
            return f"{name} is empty. Without its key nobody knows which record it is."
    return None


def _lacks_key(spec: TableSpec, before: Values) -> bool:
    return not all((before.get(name.casefold()) or "").strip() for name in spec.row_key)


def _same(values: Values, other: Values) -> bool:
    return all((value or None) == (other.get(name) or None) for name, value in values.items())


def _landed(given: GivenFile, batches: list[BatchManifest]) -> _Landed:
    wanted: dict[str, list[int]] = defaultdict(list)
    for line in given.lines:
        wanted[line.target[0]].append(line.target[1])
    landed = _Landed()
    for batch in batches:
        if batch.is_correction:
            for number, target in _targets(batch).items():
                landed.roots[batch.batch_id, number] = target
                landed.corrected[target] = _folded(landed_values(batch, [number])[number])
        if batch.batch_id in wanted:
            for number, values in landed_values(batch, wanted[batch.batch_id]).items():
                landed.rows[batch.batch_id, number] = _folded(values)
    return landed


def _targets(batch: BatchManifest) -> dict[int, Target]:
    with in_memory() as connection:
        rows = connection.execute(
            f"select _row_number, {quote_name(CORRECTS_BATCH)}, {quote_name(CORRECTS_ROW)}::bigint "
            f"from read_parquet({quote_text(str(batch.rows_file))}) order by 1"
        ).fetchall()
    return {number: (batch_id, row) for number, batch_id, row in rows}


def _folded(values: Values) -> Values:
    return {name.casefold(): value for name, value in values.items()}
