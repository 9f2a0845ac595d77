"""What can be said about a source without loading it: which files there are, and whether their headers fit."""

from pipelines.config import Source
from pipelines.errors import SourceError
from pipelines.landing.plan import files_by_table, tables_of
from pipelines.sources.catalog import TableSpec
from pipelines.sources.files import read_columns, resolve
from pipelines.sources.header import listed, missing, union
from pipelines.sources.locate import patterns_of, unmatched_files
from pipelines.sources.model import DataFile, reading_of


def check_source(source: Source, catalog: dict[str, TableSpec] | None = None) -> list[str]:
    """Return one line per table (files, columns missing and added), then a note for each file that no table takes.

    Reads headers and first lines only. Raises SourceError with one line for each table whose files cannot be read, and
    ConfigError for a table that the system does not have.
    """
    specs = tables_of(source, catalog)
    found = files_by_table(source, specs, {})
    lines, problems = [], []
    for name, spec in specs.items():
        try:
            lines.append(_table_line(source, spec, found[name]))
        except SourceError as error:
            problems.append(str(error))
    if problems:
        raise SourceError("\n".join(problems))
    matched = {file.path for files in found.values() for file in files}
    lines += [
        f"note: {name} in {source.location} belongs to no table of {source.system}, and is not read"
        for name in unmatched_files(source, matched)
    ]
    return lines


def _table_line(source: Source, spec: TableSpec, files: list[DataFile]) -> str:
    if not files:
        return f"{spec.name}: absent (optional; looked for {', '.join(patterns_of(source, spec))})"
    headers, encodings = [], set()
    for file in files:
        reading = resolve(file, reading_of(source, spec.name), sample=True)
        headers.append(read_columns(file, spec, reading, sample=True))
        encodings.add(reading.encoding)
    columns = union(headers)
    parts = [f"{spec.name}: {listed(file.name for file in files)}: {len(columns)} columns"]
    if lacking := missing(columns, spec.columns):
        parts.append(f"missing: {listed(lacking)}")
    if added := missing(spec.columns, columns):
        parts.append(f"added: {listed(added)}")
    if "gb18030" in encodings:
        parts.append("read as GB18030 (set `encoding` if that is wrong)")
    return "; ".join(parts)
