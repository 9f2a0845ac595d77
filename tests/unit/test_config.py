"""The configuration: what it means, and what a person is told about each kind of mistake in it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.config import Settings, load_settings, parse_instant, run_instant
from pipelines.errors import ConfigError


def config(folder: Path, *path_and_value: Any, **more: Any) -> Path:
    """Write a sound configuration, with `path_and_value` (keys, then a value) set in it; return the file."""
    values: dict = {
        "company": {"name": "Example", "currency": "EUR"},
        "sources": [{"name": "crm", "system": "generic", "kind": "files", "location": "in"}],
        **more,
    }
    if path_and_value:
        *path, key, value = path_and_value
        place: Any = values
        for part in path:
            place = place[part] if isinstance(part, int) else place.setdefault(part, {})
        place[key] = value
    file = folder / "rapport.yml"
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    return file


def without(folder: Path, *path: Any) -> Path:
    """Write a sound configuration that lacks the key at `path`; return the file."""
    file = config(folder)
    values: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
    place = values
    for part in path[:-1]:
        place = place[part]
    del place[path[-1]]
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    return file


def complaint(file: Path, **arguments: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, **arguments)
    return str(caught.value)


class TestMistakes:
    WRONG = (
        (("company", "currency", "eur"), "company.currency", "'eur'", "three capital letters"),
        (("company", "currency", 978), "company.currency", "978", "text"),
        (("company", "time_zone", "Berlin"), "company.time_zone", "'Berlin'", "Europe/Berlin"),
        (("company", "fiscal_year_start", 13), "company.fiscal_year_start", "13", "less than or equal to 12"),
        (("company", "fiscal_year_start", 0), "company.fiscal_year_start", "0", "greater than or equal to 1"),
        (("company", "fiscal_year_start", "April"), "company.fiscal_year_start", "'April'", "integer"),
        (("company", "languages", ["en", "fr"]), "company.languages[1]", "'fr'", "'en' or 'zh'"),
        (("company", "languages", "en"), "company.languages", "'en'", "a list"),
        (("company", None), "company", "None", "keys and values"),
        (("home", 5), "home", "5", "a path"),
        (("sources", 0, "name", "CRM 1"), "sources[0].name", "'CRM 1'", "lower-case letters, digits and _"),
        (("sources", 0, "system", "sap"), "sources[0].system", "'sap'", "generic"),
        (("sources", 0, "kind", "database"), "sources[0].kind", "'database'", "'files'"),
        (("sources", []), "sources", "[]", "at least one"),
        (("sources", ["crm"]), "sources[0]", "'crm'", "keys and values"),
        (("sources", 0, "options", "decimal_mark", ";"), "sources[0].options.decimal_mark", "';'", "'.' or ','"),
        (("sources", 0, "options", "load", "daily"), "sources[0].options.load", "'daily'", "'snapshot' or 'append'"),
        (("sources", 0, "options", "time_zone", "Mars"), "sources[0].options.time_zone", "'Mars'", "UTC"),
        (
            ("sources", 0, "options", "tables", "order", "header_row", 0),
            "sources[0].options.tables.order.header_row",
            "0",
            "greater than or equal to 1",
        ),
        (("metrics", "active_days", 0), "metrics.active_days", "0", "greater than or equal to 1"),
        (("metrics", "active_days", 365), "metrics", "365", "churn_days greater than active_days"),
        (("metrics", "max_accounts_per_key", 1), "metrics.max_accounts_per_key", "1", "greater than or equal to 2"),
        (("quality", "max_quarantined_share", 5), "quality.max_quarantined_share", "5", "less than or equal to 1"),
        (("releases", "keep", 1), "releases.keep", "1", "greater than or equal to 2"),
        (("as_of", "yesterday"), "as_of", "'yesterday'", "2026-01-31T00:00:00Z"),
    )

    @pytest.mark.parametrize(("change", "key", "found", "allowed"), WRONG)
    def test_a_wrong_value_is_named_with_its_file_its_key_and_what_is_allowed(
        self, tmp_path: Path, change: tuple, key: str, found: str, allowed: str
    ):
        file = config(tmp_path, *change)
        (line,) = complaint(file).splitlines()
        assert line.startswith(f"{file}: {key}: found ")
        what_was_found, what_is_allowed = line.removeprefix(f"{file}: {key}: ").split(", allowed: ")
        assert found in what_was_found
        assert allowed in what_is_allowed

    UNKNOWN = (
        (("compny", {}), "compny", ("company", "home", "sources")),
        (("file", "x"), "file", ("company", "home", "sources")),
        (("company", "curency", "EUR"), "company.curency", ("currency", "time_zone")),
        (("sources", 0, "path", "in"), "sources[0].path", ("location", "options")),
        (("sources", 0, "options", "decimals", ","), "sources[0].options.decimals", ("decimal_mark", "tables")),
        (
            ("sources", 0, "options", "tables", "order", "lod", "append"),
            "sources[0].options.tables.order.lod",
            ("file", "load", "sheet"),
        ),
    )

    @pytest.mark.parametrize(("change", "key", "known"), UNKNOWN)
    def test_a_key_that_does_not_exist_is_named_with_those_that_do(
        self, tmp_path: Path, change: tuple, key: str, known: tuple[str, ...]
    ):
        file = config(tmp_path, *change)
        (line,) = complaint(file).splitlines()
        start, allowed = line.removesuffix(".").split(" Allowed here: ")
        assert start == f"{file}: {key}: is not a key that Rapport knows."
        assert set(known) <= set(allowed.split(", "))
        assert key.rsplit(".", 1)[-1] not in allowed.split(", ")

    MISSING = (
        ("company",),
        ("sources",),
        ("company", "currency"),
        ("company", "name"),
        ("sources", 0, "name"),
        ("sources", 0, "location"),
    )

    @pytest.mark.parametrize("path", MISSING)
    def test_a_key_that_is_required_is_named(self, tmp_path: Path, path: tuple):
        file = without(tmp_path, *path)
        key = ".".join(str(part) for part in path).replace("sources.0", "sources[0]")
        assert complaint(file) == f"{file}: {key}: is missing. It is required."

    def test_every_mistake_is_reported_at_once(self, tmp_path: Path):
        file = config(tmp_path, "company", {"name": "", "currency": "euro", "time_zone": "Nowhere"}, unheard_of=1)
        lines = complaint(file).splitlines()
        keys = {line.removeprefix(f"{file}: ").split(":")[0] for line in lines}
        assert keys == {"company.name", "company.currency", "company.time_zone", "unheard_of"}
        assert len(lines) == 4

    def test_two_sources_of_one_name_are_refused(self, tmp_path: Path):
        source = {"name": "crm", "system": "generic", "kind": "files", "location": "in"}
        file = config(tmp_path, "sources", [source, {**source, "location": "other"}])
        expected = f"{file}: sources: found 'crm', 'crm', allowed: a different name for each source."
        assert complaint(file) == expected

    def test_a_file_that_is_not_there_is_named_with_what_to_do(self, tmp_path: Path):
        file = tmp_path / "none.yml"
        assert complaint(file) == f"{file}: there is no such file. Give one with --config, or start from rapport.yml."

    @pytest.mark.parametrize("content", [b"", b"- a\n", b"hello", b"company: [", b"company: {name: '\xe4'}"])
    def test_a_file_that_is_no_configuration_is_named(self, tmp_path: Path, content: bytes):
        file = tmp_path / "rapport.yml"
        file.write_bytes(content)
        assert complaint(file).startswith(f"{file}: ")

    def test_an_as_of_of_the_command_line_is_not_blamed_on_the_file(self, tmp_path: Path):
        said = complaint(config(tmp_path), as_of="2025-02-30")
        assert said.startswith("as_of: found '2025-02-30', allowed: ")


class TestEnvironment:
    def test_a_variable_is_put_in_wherever_it_stands(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("NAME_OF_COMPANY", "Alder & Finch")
        monkeypatch.setenv("WHERE", "drop")
        monkeypatch.chdir(tmp_path)
        file = config(tmp_path, "sources", 0, "location", "${WHERE}/crm/${WHERE}")
        file.write_text(file.read_text().replace("Example", "${NAME_OF_COMPANY}"))
        settings = load_settings(file)
        assert settings.company.name == "Alder & Finch"
        assert settings.sources[0].location == tmp_path / "drop" / "crm" / "drop"

    def test_its_default_stands_in_where_it_is_not_set_and_only_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        file = config(tmp_path, "company", "name", "${NAME_OF_COMPANY:-Somebody}")
        monkeypatch.delenv("NAME_OF_COMPANY", raising=False)
        assert load_settings(file).company.name == "Somebody"
        monkeypatch.setenv("NAME_OF_COMPANY", "Finch")
        assert load_settings(file).company.name == "Finch"

    def test_one_that_is_not_set_is_named_with_its_key_and_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.delenv("NOT_SET_AT_ALL", raising=False)
        file = config(tmp_path, "sources", 0, "location", "${NOT_SET_AT_ALL}/crm")
        expected = f"{file}: sources[0].location: the environment variable NOT_SET_AT_ALL is not set. "
        assert complaint(file) == expected + "Set it, or write a default: ${NOT_SET_AT_ALL:-value}."

    def test_what_it_holds_is_checked_like_anything_else(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setenv("MONEY", "dollars")
        file = config(tmp_path, "company", "currency", "${MONEY}")
        assert "company.currency: found 'dollars', allowed: " in complaint(file)


class TestPaths:
    def test_relative_paths_are_taken_from_the_folder_of_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        folder, elsewhere = tmp_path / "etc", tmp_path / "elsewhere"
        folder.mkdir()
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        settings = load_settings(config(folder, "sources", 0, "location", "../data/crm", home="state"))
        assert settings.home == folder / "state"
        assert settings.sources[0].location == tmp_path / "data" / "crm"
        assert settings.folders.database == folder / "state" / "warehouse" / "warehouse.duckdb"

    def test_a_relative_path_from_the_environment_is_taken_from_where_the_command_was_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        folder, elsewhere = tmp_path / "etc", tmp_path / "elsewhere"
        folder.mkdir()
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        file = config(folder, "sources", 0, "location", "${CRM_FILES:-data}")
        assert load_settings(file).sources[0].location == folder / "data"
        monkeypatch.setenv("CRM_FILES", "../crm")
        assert load_settings(file).sources[0].location == tmp_path / "crm"

    def test_absolute_paths_stay(self, tmp_path: Path):
        settings = load_settings(config(tmp_path, "sources", 0, "location", "/data/crm", home="/var/rapport"))
        assert settings.home == Path("/var/rapport")
        assert settings.sources[0].location == Path("/data/crm")

    def test_a_home_that_is_given_is_taken_from_where_the_command_was_started(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        folder, elsewhere = tmp_path / "etc", tmp_path / "elsewhere"
        folder.mkdir()
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)
        assert load_settings(config(folder, home="state"), home=Path("mine")).home == elsewhere / "mine"

    def test_without_a_home_it_is_beside_the_file(self, tmp_path: Path):
        assert load_settings(config(tmp_path)).home == tmp_path / ".rapport"


BERLIN = {"name": "Example", "currency": "EUR", "time_zone": "Europe/Berlin"}


class TestAsOf:
    @pytest.mark.parametrize(
        ("written", "instant"),
        [
            ("2025-07-01T00:00:00", datetime(2025, 6, 30, 22, tzinfo=UTC)),
            ("2025-01-01T00:00:00", datetime(2024, 12, 31, 23, tzinfo=UTC)),
            ("2025-07-01", datetime(2025, 6, 30, 22, tzinfo=UTC)),
            ("2025-07-01T00:00:00Z", datetime(2025, 7, 1, tzinfo=UTC)),
            ("2025-07-01T00:00:00-05:00", datetime(2025, 7, 1, 5, tzinfo=UTC)),
        ],
    )
    @pytest.mark.parametrize("quoted", [True, False])
    def test_without_an_offset_it_is_local_time_of_the_company(
        self, tmp_path: Path, written: str, instant: datetime, quoted: bool
    ):
        file = config(tmp_path, company=BERLIN)
        line = f"as_of: '{written}'\n" if quoted else f"as_of: {written}\n"
        file.write_text(file.read_text() + line)
        assert load_settings(file).as_of == instant

    def test_the_command_line_goes_before_the_file(self, tmp_path: Path):
        file = config(tmp_path, company=BERLIN, as_of="2020-01-01")
        assert load_settings(file, as_of="2025-07-01").as_of == datetime(2025, 6, 30, 22, tzinfo=UTC)

    def test_it_need_not_be_given(self, tmp_path: Path):
        assert load_settings(config(tmp_path)).as_of is None

    @pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59:59-12:00"])
    def test_an_instant_beyond_the_calendar_is_refused_in_words(self, text: str):
        with pytest.raises(ConfigError, match="as_of: found"):
            parse_instant(text, "Asia/Tokyo")


class TestRunInstant:
    def settings(self, folder: Path, zone: str, **more: Any) -> Settings:
        return load_settings(config(folder, company={"name": "Example", "currency": "EUR", "time_zone": zone}, **more))

    def test_a_fixed_one_is_what_it_is_at_any_time(self, tmp_path: Path):
        settings = self.settings(tmp_path, "UTC", as_of="2025-01-01T12:34:56")
        clock = datetime(2026, 5, 5, 5, tzinfo=UTC)
        assert run_instant(settings, clock) == datetime(2025, 1, 1, 12, 34, 56, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("zone", "clock", "midnight"),
        [
            ("Europe/Berlin", datetime(2025, 7, 1, 21, 59, 59, tzinfo=UTC), datetime(2025, 6, 30, 22, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2025, 7, 1, 22, tzinfo=UTC), datetime(2025, 7, 1, 22, tzinfo=UTC)),
            # the days on which the clocks change begin before they do
            ("Europe/Berlin", datetime(2025, 3, 30, 10, tzinfo=UTC), datetime(2025, 3, 29, 23, tzinfo=UTC)),
            ("Europe/Berlin", datetime(2025, 10, 26, 10, tzinfo=UTC), datetime(2025, 10, 25, 22, tzinfo=UTC)),
            ("America/Sao_Paulo", datetime(2025, 1, 1, 2, tzinfo=UTC), datetime(2024, 12, 31, 3, tzinfo=UTC)),
            ("Asia/Kolkata", datetime(2025, 1, 1, 18, 30, tzinfo=UTC), datetime(2025, 1, 1, 18, 30, tzinfo=UTC)),
        ],
    )
    def test_otherwise_it_is_the_last_local_midnight(
        self, tmp_path: Path, zone: str, clock: datetime, midnight: datetime
    ):
        assert run_instant(self.settings(tmp_path, zone), clock) == midnight

    def test_a_second_run_on_a_day_that_has_two_midnights_is_of_the_same_instant(self, tmp_path: Path):
        # In Havana the clocks went from 01:00 back to 00:00 at 05:00 UTC.
        settings = self.settings(tmp_path, "America/Havana")
        clocks = [datetime(2024, 11, 3, hour, 30, tzinfo=UTC) for hour in (4, 5, 6, 20)]
        assert {run_instant(settings, clock) for clock in clocks} == {datetime(2024, 11, 3, 4, tzinfo=UTC)}


def test_the_systems_are_those_that_a_source_uses(tmp_path: Path):
    source = {"system": "generic", "kind": "files", "location": "in"}
    settings = load_settings(config(tmp_path, "sources", [{**source, "name": "a"}, {**source, "name": "b"}]))
    assert settings.systems == ("generic",)


def test_settings_cannot_be_changed(tmp_path: Path):
    settings = load_settings(config(tmp_path))
    with pytest.raises(ValueError, match="frozen"):
        settings.home = Path("/elsewhere")
