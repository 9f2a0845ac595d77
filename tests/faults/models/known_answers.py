"""The golden tests of the demo company, asked of a warehouse in memory instead of a release."""

import importlib
import inspect
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.faults.models.world import World

MODULES = (
    "test_demo_answers",
    "test_demo_customers",
    "test_demo_deals",
    "test_demo_sales",
    "test_demo_service",
    "test_adding_up",
)

Test = tuple[ModuleType, str, dict[str, Any]]


class KnownAnswers:
    """The golden tests that hold for the world as it is."""

    def __init__(self, world: World, home: Path) -> None:
        """`home` is that of the demo company, with the answers of its generator beside it."""
        self._world, self._home = world, home
        modules = [importlib.import_module(f"tests.golden.{name}") for name in MODULES]
        self._modules = [*modules, importlib.import_module("tests.support")]
        with self._asked_of_the_world():
            self._tests = [test for module in modules for test in _tests(module) if self._holds(test)]

    def __len__(self) -> int:
        """How many tests there are."""
        return len(self._tests)

    def failing(self) -> str | None:
        """Return the name of the first test that no longer holds."""
        with self._asked_of_the_world():
            return next((name for module, name, values in self._tests if not self._holds((module, name, values))), None)

    def _holds(self, test: Test) -> bool:
        module, name, values = test
        try:
            function = getattr(module, name)
            function(**self._arguments(module, function, values))
        except Exception:  # whatever a test does when a figure is wrong, it has noticed
            return False
        return True

    def _arguments(self, module: ModuleType, function: Any, values: dict[str, Any]) -> dict[str, Any]:
        known = {"demo_home": self._home, **values}
        return {
            name: known[name] if name in known else self._fixture(module, name)
            for name in inspect.signature(function).parameters
        }

    def _fixture(self, module: ModuleType, name: str) -> Any:
        make = inspect.unwrap(getattr(module, name))
        return make(**self._arguments(module, make, {}))

    @contextmanager
    def _asked_of_the_world(self) -> Iterator[None]:
        def ask(_: Path, sql: str) -> list[tuple]:
            return self._world.connection.execute(sql).fetchall()

        with pytest.MonkeyPatch.context() as patch:
            for module in self._modules:
                if hasattr(module, "ask"):
                    patch.setattr(module, "ask", ask)
            yield


def _tests(module: ModuleType) -> Iterator[Test]:
    """Give the tests of a module, each with the values that it is to be called with."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("test_"):
            marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
            for chosen in itertools.product(*(_cases(mark) for mark in marks)):
                yield module, name, {key: value for case in chosen for key, value in case.items()}


def _cases(mark: pytest.Mark) -> list[dict[str, Any]]:
    names = mark.args[0]
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    return [dict(zip(names, value if len(names) > 1 else [value], strict=True)) for value in mark.args[1]]
