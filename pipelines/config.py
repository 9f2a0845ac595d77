"""rapport.yml and the environment, as typed settings.

A mistake names the file, the key, what was found and what is allowed.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pipelines.errors import ConfigError
from pipelines.paths import STAGING, Home

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("a time zone of the IANA list, for example Europe/Berlin, America/Sao_Paulo or UTC")
    return name


def _system(name: str) -> str:
    known = sorted(folder.name for folder in STAGING.iterdir() if folder.is_dir())
    if name not in known:
        raise ValueError("one of: " + ", ".join(known))
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
System = Annotated[str, AfterValidator(_system)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Strict):
    """Who the reports are for, and the calendar and money they are in."""

    name: str = Field(min_length=1)
    currency: Currency
    time_zone: TimeZone = "UTC"
    fiscal_year_start: int = Field(default=1, ge=1, le=12, description="month in which the fiscal year starts")
    languages: tuple[Literal["en", "zh"], ...] = ("en", "zh")


class TableOptions(_Strict):
    """How the files of one table are read, where they differ from the source's other files."""

    file: str | None = Field(default=None, description="file name or pattern below the location")
    load: Literal["snapshot", "append"] | None = None
    encoding: str | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    header_row: int | None = Field(default=None, ge=1, description="line of the header, counted from 1")
    sheet: str | None = None


class SourceOptions(_Strict):
    """What a source's files do not say about themselves."""

    currency: Currency | None = Field(default=None, description="of amounts without one; the company's if unset")
    time_zone: TimeZone | None = Field(default=None, description="of timestamps without one; the company's if unset")
    decimal_mark: Literal[".", ","] = "."
    load: Literal["snapshot", "append"] = "snapshot"
    encoding: str | None = None
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    tables: dict[str, TableOptions] = {}


class Source(_Strict):
    """One place that data comes from."""

    name: Name
    system: System
    kind: Literal["files"]
    location: Path
    options: SourceOptions = SourceOptions()


class Metrics(_Strict):
    """Windows and parameters of the metrics."""

    active_days: int = Field(default=90, ge=1, description="a customer is active this many days after a purchase")
    churn_days: int = Field(default=365, ge=1, description="a customer has churned after this many days without one")
    renewal_grace_days: int = Field(
        default=30, ge=0, description="a contract that follows within these days of the end of another renews it"
    )
    value_days: int = Field(default=365, ge=1, description="a customer's value is what was bought in these last days")
    high_value_share: float = Field(default=0.2, gt=0, lt=1, description="of the customers with a value, by rank")
    medium_value_share: float = Field(
        default=0.3, gt=0, lt=1, description="of the customers, after those of high value"
    )
    abc_a_share: float = Field(default=0.8, gt=0, lt=1, description="of the revenue that the customers of class A make")
    abc_b_share: float = Field(
        default=0.95, gt=0, lt=1, description="of the revenue that classes A and B make together"
    )
    reactivation_days: int = Field(default=30, ge=1, description="an order within these days of a treatment answers it")
    conversion_days: int = Field(default=30, ge=1, description="an order within these days follows an interaction")
    return_days: int = Field(default=60, ge=1, description="returns of a shipment are complete after these days")
    resolution_days: int = Field(default=30, ge=1, description="a ticket solved within these days counts as solved")
    reopen_days: int = Field(default=7, ge=1, description="a solved ticket that comes back within these days was not")
    complaint_days: int = Field(default=14, ge=1, description="a complaint solved within these days is solved in time")
    no_contest_reasons: tuple[str, ...] = Field(
        default=("duplicate", "disqualified", "no decision"),
        description="reasons of loss that the narrow win rate leaves out, since nobody was chosen instead",
    )
    bottleneck_min_reached: int = Field(
        default=10,
        ge=1,
        description="a stage that fewer opportunities reached in the period is not called a bottleneck",
    )
    forecast_months: int = Field(default=6, ge=1, le=24, description="how many months ahead are forecast")
    backtest_months: int = Field(default=12, ge=1, le=60, description="how many past months each method is tried on")
    reading_tolerance: float = Field(
        default=0.02, ge=0, lt=1, description="a monthly figure that differs by no more than this share is neutral"
    )
    health_weight_recency: float = Field(default=30, ge=0, description="of the time since the last order, in health")
    health_weight_frequency: float = Field(default=20, ge=0, description="of orders against those before, in health")
    health_weight_tickets: float = Field(default=10, ge=0, description="of open tickets, in health")
    health_weight_csat: float = Field(default=15, ge=0, description="of satisfied answers, in health")
    health_weight_receivables: float = Field(default=15, ge=0, description="of what is overdue, in health")
    health_weight_contract: float = Field(default=10, ge=0, description="of a running contract, in health")
    health_low_risk: float = Field(default=70, ge=0, le=100, description="a customer of this health has a low risk")
    health_high_risk: float = Field(
        default=40, ge=0, le=100, description="one of less health than this has a high risk"
    )
    attribution_days: int = Field(
        default=90, ge=1, description="a touch can be credited with a conversion that comes within these days"
    )
    attribution_half_life_days: float = Field(
        default=7, gt=0, description="by time decay, a touch this much earlier than another gets half of its credit"
    )

    max_accounts_per_key: int = Field(
        default=10, ge=2, description="an address or number that more accounts share identifies nobody"
    )

    @model_validator(mode="after")
    def _ordered(self) -> "Metrics":
        if self.churn_days <= self.active_days:
            raise ValueError(f"churn_days greater than active_days ({self.active_days})")
        if self.high_value_share + self.medium_value_share >= 1:
            raise ValueError("high_value_share and medium_value_share below 1 together")
        if self.abc_b_share <= self.abc_a_share:
            raise ValueError(f"abc_b_share greater than abc_a_share ({self.abc_a_share})")
        if self.health_low_risk < self.health_high_risk:
            raise ValueError(f"health_low_risk at least health_high_risk ({self.health_high_risk})")
        return self


class Releases(_Strict):
    """How many published releases are kept."""

    keep: int = Field(default=30, ge=2)


class Quality(_Strict):
    """What a human decided to tolerate."""

    max_quarantined_share: float = Field(
        default=0.05, ge=0, le=1, description="of the rows of a delivery; more stops the release, 1 lets all pass"
    )
    drift_false_alarms: float = Field(
        default=0.001, gt=0, lt=1, description="probability that a night in which nothing is wrong waits for a person"
    )


class Privacy(_Strict):
    """What the default edition shows of persons."""

    min_group: int = Field(
        default=5, ge=1, description="groups of fewer persons are shown together as (other); 1 shows every group"
    )


class Settings(_Strict):
    """The whole configuration; `file` is where it was read from."""

    file: Path
    company: Company
    home: Path
    as_of: datetime | None = Field(default=None, description="fixed instant for samples; unset in production")
    sources: tuple[Source, ...] = Field(min_length=1)
    metrics: Metrics = Metrics()
    releases: Releases = Releases()
    quality: Quality = Quality()
    privacy: Privacy = Privacy()

    @model_validator(mode="after")
    def _unique_names(self) -> "Settings":
        names = [source.name for source in self.sources]
        if len(set(names)) != len(names):
            raise ValueError("a different name for each source")
        return self

    @property
    def folders(self) -> Home:
        """The folders below `home`."""
        return Home(self.home)

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems that at least one source uses, sorted."""
        return tuple(sorted({source.system for source in self.sources}))


def load_settings(file: Path, home: Path | None = None, as_of: str | None = None) -> Settings:
    """Return the settings in `file`; `home` and `as_of` override what it says.

    Relative paths are taken from the folder of `file`, those out of an environment variable from the current folder.
    Raises ConfigError with one line per mistake.
    """
    file = file.absolute()
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{file}: there is no such file. Give one with --config, or start from rapport.yml."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{file}: is not valid YAML: {error}") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{file}: found {type(raw).__name__}, expected keys: company, home, sources, ...")
    values = _expand(raw, file)
    if "file" in values:
        raise ConfigError(_unknown(file, ("file",)))
    if home is not None:
        values["home"] = str(home.absolute())
    values.setdefault("home", ".rapport")
    if as_of is not None:
        values["as_of"] = as_of
    try:
        settings = Settings.model_validate({**values, "file": file, "as_of": None})
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(file, values, problem) for problem in _causes(error.errors()))) from None
    instant, where = values.get("as_of"), f"{file}: " if as_of is None else ""
    return settings.model_copy(
        update={
            "as_of": None if instant is None else parse_instant(str(instant), settings.company.time_zone, where),
            "home": _absolute(settings.home, file, raw.get("home")),
            "sources": tuple(
                source.model_copy(update={"location": _absolute(source.location, file, written["location"])})
                for source, written in zip(settings.sources, raw["sources"], strict=True)
            ),
        }
    )


def run_instant(settings: Settings, clock: datetime) -> datetime:
    """Return the as_of of a run that starts at `clock` (aware): the fixed one, or the last local midnight, in UTC.

    A night's figures are those at the end of the day before, so a second run on the same day gives the same release.
    """
    if settings.as_of is not None:
        return settings.as_of
    local = clock.astimezone(ZoneInfo(settings.company.time_zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


def parse_instant(text: str, time_zone: str, where: str = "") -> datetime:
    """Return the instant (aware, UTC) that ISO 8601 `text` names; without an offset it is local time of `time_zone`.

    Raises ConfigError, which says `where` it was found.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(time_zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(
            f"{where}as_of: found {text!r}, allowed: a date or time of ISO 8601, "
            "for example 2026-01-31 or 2026-01-31T00:00:00Z."
        ) from None


def _absolute(path: Path, file: Path, written: Any) -> Path:
    """A relative path is below the folder of `file`; out of the environment, below where the command runs."""
    variable = _VARIABLE.match(str(written))
    base = Path.cwd() if variable and variable[1] in os.environ else file.parent
    return Path(os.path.normpath(base / path.expanduser()))


def _expand(value: Any, file: Path, key: str = "") -> Any:
    if isinstance(value, dict):
        return {k: _expand(v, file, f"{key}.{k}" if key else str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v, file, f"{key}[{i}]") for i, v in enumerate(value)]
    if not isinstance(value, str):
        return value

    def variable(match: re.Match) -> str:
        found = os.environ.get(match[1], match[2])
        if found is None:
            raise ConfigError(
                f"{file}: {key}: the environment variable {match[1]} is not set. "
                f"Set it, or write a default: ${{{match[1]}:-value}}."
            )
        return found

    return _VARIABLE.sub(variable, value)


def _causes(problems: list) -> list:
    """Leave out what only follows from a mistake further down, such as a list that is empty without its bad item."""
    above = {other["loc"][:length] for other in problems for length in range(len(other["loc"]))}
    return [problem for problem in problems if problem["loc"] not in above]


def _explain(file: Path, values: dict, problem: Any) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"]).lstrip(".")
    key = key or "the whole file"
    kind, context = problem["type"], problem.get("ctx", {})
    found = f"found {problem['input']!r}"
    if kind == "extra_forbidden":
        return _unknown(file, problem["loc"], key)
    if kind == "missing":
        return f"{file}: {key}: is missing. It is required."
    if kind == "value_error":
        if not problem["loc"]:
            found = "found " + ", ".join(repr(source.get("name")) for source in values.get("sources", []))
            key = "sources"
        return f"{file}: {key}: {found}, allowed: {context['error']}."
    if kind == "string_pattern_mismatch":
        return f"{file}: {key}: {found}, allowed: {_PATTERNS.get(context['pattern'], context['pattern'])}."
    allowed = _KINDS.get(kind) or problem["msg"].replace("Input should be ", "")
    return f"{file}: {key}: {found}, allowed: {allowed}."


def _unknown(file: Path, loc: tuple, key: str = "file") -> str:
    return f"{file}: {key}: is not a key that Rapport knows. Allowed here: {', '.join(_allowed(loc))}."


_KINDS = {"too_short": "at least one", "tuple_type": "a list", "path_type": "a path", "string_type": "text"}
_KINDS |= {"model_type": "keys and values", "dict_type": "keys and values"}


_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,39}$": "lower-case letters, digits and _, starting with a letter, at most 40",
    r"^[A-Z]{3}$": "an ISO 4217 code of three capital letters, for example EUR",
}


def _allowed(loc: tuple) -> list[str]:
    model: Any = Settings
    for part in loc[:-1]:
        if isinstance(part, int) or not hasattr(model, "model_fields"):
            continue
        field = model.model_fields.get(part)
        nested = _models(field.annotation) if field else []
        model = nested[0] if nested else model
    return sorted(name for name in model.model_fields if (model, name) != (Settings, "file"))


def _models(annotation: Any) -> list:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]
