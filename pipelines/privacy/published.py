"""Erases a person from the restricted editions of the releases that are kept."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from pipelines.paths import make_private
from pipelines.privacy.find import Person
from pipelines.privacy.persons import ERASED_LINE
from pipelines.releases.candidate import copy_database
from pipelines.releases.catalog import Release
from pipelines.releases.durable import sync
from pipelines.releases.names import (
    CANDIDATE_PREFIX,
    MANIFEST,
    RESTRICTED_DATABASE,
    RESTRICTED_SCHEMAS,
    VERDICT,
    quote_name,
    quote_text,
)
from pipelines.releases.restricted import restricted_facts

# table -> entity, its id, and the columns that name the person
_TABLES = {
    "customer_person": ("account", "account_id"),
    "contact_person": ("contact", "contact_id"),
    "lead_person": ("lead", "lead_id"),
    "user_person": ("user", "user_id"),
}
_KEPT = {"source", "customer_number", "is_deleted", "account_id", "contact_id", "lead_id", "user_id"}


def erase_release(release: Release, person: Person) -> dict[str, Any] | None:
    """Erase the person from a release's restricted edition; return its id and its manifest's hashes before and after.

    None where the edition says nothing of the person. The default edition is not touched: its files stay as they are.
    """
    edition = release.folder / RESTRICTED_DATABASE
    if not edition.exists():
        return None
    aside = make_private(release.folder.parent / f"{CANDIDATE_PREFIX}erasing-{release.id}")
    try:
        old, new = aside / "persons_before.duckdb", aside / "persons_after.duckdb"
        shutil.copyfile(edition, old)
        old.chmod(0o600)
        if not _erase(old, person):
            return None
        # copied into a fresh file: what is deleted in a database file can be found in it for a long time
        copy_database(old, new, RESTRICTED_SCHEMAS)
        new.chmod(0o400)
        sync(new)
        new.replace(edition)
        sync(edition.parent)
        return {"release": release.id, "manifest_sha256": _rewrite_manifest(release)}
    finally:
        shutil.rmtree(aside)


def _erase(file: Path, person: Person) -> int:
    """Erase in the database `file`; return how many rows changed."""
    changed = 0
    with duckdb.connect(str(file)) as connection:
        there = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
        connection.execute("use restricted")
        for table, (entity, key) in _TABLES.items():
            members = person.members.get(entity, set())
            if table in there and members:
                blank = ", ".join(f"{quote_name(c)} = null" for c in _columns(connection, table) if c not in _KEPT)
                changed += _update(connection, f"update {table} set {blank} where {_among(('source', key), members)}")
        for entity, members in person.members.items():
            if "texts" in there and members:
                about = f"(entity = {quote_text(entity)} and {_among(('source', 'entity_id'), members)})"
                about += f" or {_among(('source', 'account_id'), members)}" if entity == "account" else ""
                changed += _update(connection, f"update texts set content = {quote_text(ERASED_LINE)} where {about}")
        if "quarantined_row" in there:
            changed += _erase_rejected(connection, person)
        changed += _erase_shared(connection, person, there)
    return changed


def _erase_rejected(connection: duckdb.DuckDBPyConnection, person: Person) -> int:
    """Rows that were rejected are known by ids and by values, wherever in the row these are."""
    rows = connection.execute("select rowid, source, column_value, raw_row from quarantined_row").fetchall()
    telling = {value.strip().casefold() for value in person.values}
    ids = {member for members in person.members.values() for member in members}
    found = []
    for rowid, source, value, raw in rows:
        text = f"{value or ''}\n{raw or ''}".casefold()
        if any(one in text for one in telling) or any(
            source == of and _is_word(member.casefold(), text) for of, member in ids
        ):
            found.append(rowid)
    if not found:
        return 0
    erased = quote_text(ERASED_LINE)
    return _update(
        connection,
        f"update quarantined_row set raw_row = {erased}, column_value = {erased} "
        f"where rowid in ({', '.join(map(str, found))})",
    )


def _erase_shared(connection: duckdb.DuckDBPyConnection, person: Person, there: set[str]) -> int:
    """The person's addresses and numbers on rows of others."""
    changed = 0
    values = sorted({value.strip().casefold() for value in person.values})
    for table in sorted(there & set(_TABLES)):
        for column in [c for c in ("email", "phone", "tax_id") if c in _columns(connection, table)]:
            listed = ", ".join(map(quote_text, values))
            if listed:
                changed += _update(
                    connection, f"update {table} set {column} = null where lower(trim({column})) in ({listed})"
                )
    return changed


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [name for (name,) in connection.execute(f"select column_name from (describe {table})").fetchall()]


def _is_word(word: str, text: str) -> bool:
    start = text.find(word)
    while start >= 0:
        around = text[start - 1 : start] + text[start + len(word) : start + len(word) + 1]
        if not any(character.isalnum() or character in "_-" for character in around):
            return True
        start = text.find(word, start + 1)
    return False


def _update(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return connection.execute(sql).fetchone()[0]


def _among(columns: tuple[str, str], members: set[tuple[str, str]]) -> str:
    listed = ", ".join(f"({quote_text(source)}, {quote_text(member)})" for source, member in sorted(members))
    return f"({columns[0]}, {columns[1]}) in ({listed})"


def _rewrite_manifest(release: Release) -> list[str]:
    """Write verdict.json and manifest.json with what is now true; return the manifest's hash before and after."""
    folder, before = release.folder, _sha256(release.folder / MANIFEST)
    facts = restricted_facts(folder)
    verdict = json.loads((folder / VERDICT).read_text(encoding="utf-8"))
    verdict["judged"] |= {name: found.digest for name, found in facts.items()}
    _replace(folder / VERDICT, json.dumps(verdict, indent=2, ensure_ascii=False, sort_keys=True) + "\n")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["restricted_tables"] = {n: {"rows": f.rows, "digest": f.digest} for n, f in sorted(facts.items())}
    manifest["files"] |= {name: _sha256(folder / name) for name in (VERDICT, RESTRICTED_DATABASE)}
    _replace(folder / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True, default=str) + "\n")
    return [before, _sha256(folder / MANIFEST)]


def _replace(file: Path, text: str) -> None:
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(0o444)
    sync(new)
    new.replace(file)
    sync(file.parent)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
