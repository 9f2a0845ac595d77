"""Erases a person from everything that Rapport holds, and records that it did."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pipelines.audit_log import record
from pipelines.config import Settings, Source
from pipelines.errors import ConfigError, RapportError
from pipelines.landing.batches import BatchManifest, list_batches
from pipelines.privacy.find import Member, find_person
from pipelines.privacy.persons import Eraser, link, load_erased, save_erased
from pipelines.privacy.published import erase_release
from pipelines.privacy.rewrite import erase_batch, erase_files
from pipelines.privacy.secret import Secret, load_secret
from pipelines.refresh.lock import only_run
from pipelines.releases.candidate import remove_leftovers
from pipelines.releases.catalog import list_releases, query
from pipelines.sources.catalog import TableSpec, load_contract

ENTITIES = ("account", "contact", "lead", "user")
_SYSTEM = "generic"
_NEVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Request:
    """Who is to be erased: a customer by its number, or one member of an entity of a source; and why."""

    why: str
    source: str | None = None
    entity: str | None = None
    id: str | None = None
    customer: str | None = None


@dataclass(frozen=True)
class Erasure:
    """What an erasure did: how many ids of each entity it reached, and what was rewritten."""

    members: dict[str, int]
    rows: int
    batches: int
    releases: tuple[str, ...]


def erase(settings: Settings, request: Request, say: Callable[[str], None] = lambda _: None) -> Erasure:
    """Erase a person from landing, warehouse and the restricted editions of all releases; return what was done.

    Figures do not change: what is replaced is personal data only, by tokens that are equal where the data was equal.
    The request is recorded in the audit log, with a keyed hash for the person. What is delivered later is erased as
    it is landed. Raises ConfigError for somebody who is not there, RapportError where something cannot be read.
    """
    home = settings.folders
    with only_run(home.lock):
        secret = load_secret(home.pseudonym_key)
        batches = [b for b in list_batches(home.landing) if b.source in {s.name for s in settings.sources}]
        entity, members = _members(settings, request)
        _check_systems(settings, members)
        own = [batch for batch in batches if batch.system == _SYSTEM]
        person = find_person(own, entity, members, load_contract())
        first_day, last_day = _published_days(settings, members if entity == "account" else set())
        # first of all, so that an erasure that was interrupted is known, and can be finished by asking again
        erased = load_erased(home.erased).merged(person.hashed(secret, first_day, last_day))
        save_erased(home.erased, erased)
        rows, changes = 0, []
        for batch in own:
            eraser = _eraser(settings, secret, batch.source, batch.table)
            count, after = erase_batch(batch, eraser) if eraser else (0, batch)
            rows += count
            if after != batch:
                changes.append(_change(batch, after))
                say(f"{changes[-1]['batch']}: {count} rows")
        releases = []
        if home.releases.is_dir():
            remove_leftovers(home.releases)
        for release in list_releases(home.releases):
            if done := erase_release(release, person):
                releases.append(done)
                say(f"release {release.id}: restricted edition")
        _remove_warehouse(settings)
        found = {name: len(ids) for name, ids in sorted(person.members.items()) if ids}
        record(
            home.audit_log,
            "erase",
            why=request.why,
            entity=entity,
            persons=sorted(link(secret, source, entity, member) for source, member in members),
            members=found,
            rows=rows,
            batches=changes,
            releases=releases,
        )
    return Erasure(found, rows, len(changes), tuple(one["release"] for one in releases))


def delivery_eraser(settings: Settings, source: Source) -> Callable[[TableSpec, Any], int] | None:
    """Return what erases persons from the files of a new batch, before it is sealed; None where nobody was erased."""
    home = settings.folders
    if not home.erased.exists() or source.system != _SYSTEM:
        return None
    secret = load_secret(home.pseudonym_key)

    def erase_new(spec: TableSpec, folder: Any) -> int:
        eraser = _eraser(settings, secret, source.name, spec.name)
        return erase_files(folder, eraser) if eraser else 0

    return erase_new


def _eraser(settings: Settings, secret: Secret, source: str, entity: str) -> Eraser | None:
    rules = load_contract().get(entity)
    if rules is None:
        return None
    erased = load_erased(settings.folders.erased)
    return Eraser(erased, secret, source, entity, rules["key"][0], rules.get("direct", []))


def _members(settings: Settings, request: Request) -> tuple[str, set[Member]]:
    """Whom a request is about; an account stands for all accounts that identity joined to it."""
    if request.customer:
        found = _accounts_of(settings, f"customer_number = '{_quoted(request.customer)}'")
        if not found:
            raise ConfigError(
                f"customer {request.customer}: the current release has no account of that number. "
                'Look it up: rapport query --restricted "from restricted.customer_person".'
            )
        return "account", found
    member = (request.source or "", request.id or "")
    if request.source not in {source.name for source in settings.sources}:
        raise ConfigError(
            f"source {request.source!r}: is not configured. Those there are: "
            f"{', '.join(source.name for source in settings.sources)}."
        )
    if not _is_landed(settings, request.entity or "", member):
        raise ConfigError(
            f"source {request.source}: no landed row of {request.entity} has this id. Nothing was changed."
        )
    if request.entity != "account":
        return request.entity or "", {member}
    joined = _accounts_of(
        settings,
        "customer_number in (select customer_number from restricted.customer_person "
        f"where source = '{_quoted(member[0])}' and account_id = '{_quoted(member[1])}')",
    )
    return "account", {member, *joined}


def _accounts_of(settings: Settings, condition: str) -> set[Member]:
    try:
        _, rows = query(
            settings.folders.releases,
            f"select source, account_id from restricted.customer_person where {condition}",
            restricted=True,
        )
    except RapportError:
        return set()
    return {(source, account) for source, account in rows}


def _is_landed(settings: Settings, entity: str, member: Member) -> bool:
    import pyarrow.parquet as pq

    (key,) = load_contract()[entity]["key"]
    for batch in list_batches(settings.folders.landing):
        column = {name.lower(): name for name in batch.columns}.get(key)
        is_there = (batch.source, batch.table) == (member[0], entity) and column
        if is_there and member[1] in pq.read_table(batch.rows_file, columns=[column]).column(column).to_pylist():
            return True
    return False


def _check_systems(settings: Settings, members: set[Member]) -> None:
    systems = {source.name: source.system for source in settings.sources}
    for source in sorted({source for source, _ in members}):
        if systems.get(source, _SYSTEM) != _SYSTEM:
            raise ConfigError(
                f"source {source}: the tables of system {systems[source]} do not say which of their columns are "
                f"personal; only {_SYSTEM} sources can be erased from. Nothing was changed."
            )


def _published_days(settings: Settings, accounts: set[Member]) -> tuple[date, date]:
    """From the first order of the customer to the day of the newest release: when its age group is published."""
    releases = list_releases(settings.folders.releases)
    if not accounts or not releases:
        return _NEVER, _NEVER
    last = max(datetime.fromisoformat(release.manifest["as_of"]) for release in releases).date()
    listed = ", ".join(f"('{_quoted(source)}', '{_quoted(account)}')" for source, account in sorted(accounts))
    _, ((first,),) = query(
        settings.folders.releases,
        f"select min(ordered_on) from core.fct_orders where (source, account_id) in ({listed})",
    )
    return first or last, last


def _change(before: BatchManifest, after: BatchManifest) -> dict[str, Any]:
    return {
        "batch": f"{before.system}/{before.source}/{before.table}/{before.batch_id}",
        "rows_sha256": [before.rows_sha256, after.rows_sha256],
        "rejects_sha256": [before.rejects_sha256, after.rejects_sha256],
    }


def _remove_warehouse(settings: Settings) -> None:
    """Remove what the last build left, and what it said: the next run builds anew from the landing."""
    folder = settings.folders.warehouse
    if folder.is_dir():
        for path in folder.iterdir():
            if path.is_file():
                path.unlink()
            elif path.name != "dbt":
                shutil.rmtree(path)
        for generated in ("logs", "compiled", "run"):
            shutil.rmtree(folder / "dbt" / generated, ignore_errors=True)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
