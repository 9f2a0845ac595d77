"""The SQL of models without dbt: for tests that ask a model about many small worlds."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment

from pipelines.paths import DBT_PROJECT


class _Adapter:
    """Stands in for dbt's adapter: every dispatched macro is the default one."""

    def __init__(self) -> None:
        self.macros: Any = None

    def dispatch(self, name: str) -> Callable[..., str]:
        return getattr(self.macros, f"default__{name}")


def _registered(system: str, table: str) -> str:
    """What a run registers in schema `landing`: its own tables, and a view for each table of a system."""
    return f'landing."{table}"' if system == "landing" else f'landing."{system}__{table}"'


def renderer(**variables: object) -> Callable[[str], str]:
    """Return a function: name of a model -> its SQL on DuckDB, with every `ref` as a table of that name."""
    environment = _environment(variables, lambda name: name)

    def render(model: str) -> str:
        (file,) = (DBT_PROJECT / "models").rglob(f"{model}.sql")
        return environment.from_string(file.read_text("utf-8")).render()

    return render


def macros(ref: Callable[[str], str], **variables: object) -> Any:
    """Return the project's macros as functions that give SQL on DuckDB, with `ref` saying what a model is called."""
    return SimpleNamespace(**_environment(variables, ref).globals)


def _environment(variables: dict[str, object], ref: Callable[[str], str]) -> Environment:
    adapter = _Adapter()
    environment = Environment(extensions=["jinja2.ext.do"])  # noqa: S701 - SQL, not HTML
    environment.globals |= {
        "adapter": adapter,
        "config": lambda **_: "",
        "return": lambda value: value,
        "ref": ref,
        "source": _registered,
        "var": variables.__getitem__,
    }
    files = sorted((DBT_PROJECT / "macros").glob("*.sql"))
    adapter.macros = environment.from_string("\n".join(file.read_text("utf-8") for file in files)).module
    environment.globals |= {name: macro for name, macro in vars(adapter.macros).items() if callable(macro)}
    return environment
