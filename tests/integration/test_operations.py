"""What a published company can be asked to do: verify, reproduce, roll back, and what the log says of it."""

import json
import shutil

import pytest

from tests.support import copy_of_company, current, digests, rapport

pytestmark = pytest.mark.xdist_group("operations")


@pytest.fixture(scope="module")
def company(small_company, tmp_path_factory):
    """A small demo company with two releases, a day apart; the last three orders were deleted in between."""
    folder = tmp_path_factory.mktemp("operations")
    config = copy_of_company(small_company, folder)
    published = digests(folder / "home")
    orders = folder / "demo" / "source" / "order.csv"
    head, *rows = orders.read_text().splitlines(keepends=True)
    orders.write_text("".join([head, *rows[:-3]]))
    second = rapport("run", "--config", config, "--as-of", "2026-01-02", RAPPORT_USER="night")
    assert second.returncode == 0, second.stderr
    return config, folder / "home", published


def ids(home) -> list[str]:
    """The ids of the releases by number."""
    manifests = [json.loads(file.read_text()) for file in (home / "releases").glob("2*/manifest.json")]
    return [manifest["release_id"] for manifest in sorted(manifests, key=lambda manifest: manifest["number"])]


def state(home) -> dict[str, tuple[int, int]]:
    """Everything that is published or built, with times: what must not be touched."""
    files = [path for name in ("releases", "warehouse", "landing") for path in (home / name).rglob("*")]
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_size) for path in files}


def recorded(home) -> list[tuple[str, str, str | None]]:
    lines = (home / "audit.jsonl").read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    return [(entry["who"], entry["action"], entry["details"].get("outcome")) for entry in entries]


def test_an_old_release_is_built_again_from_the_landing_with_equal_digests(company):
    config, home, published = company
    first, second = ids(home)
    before = state(home)
    done = rapport("reproduce", "--config", config, first, RAPPORT_USER="auditor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Reproduced: all {len(published)} tables of release {first} are equal" in done.stdout
    assert "The code is another one" not in done.stderr
    assert state(home) == before
    assert not (home / "reproduce").exists()
    assert current(home) == second
    assert recorded(home)[-1] == ("auditor", "reproduce", "equal")


def test_a_release_whose_batch_is_missing_cannot_be_built_again(company, tmp_path):
    config, home, _ = company
    copy = shutil.copytree(home, tmp_path / "home", symlinks=True)
    first, _ = ids(copy)
    (batch,) = (copy / "landing" / "generic" / "demo" / "invoice").iterdir()
    shutil.rmtree(batch)
    done = rapport("reproduce", "--config", config, "--home", copy, first)
    assert done.returncode == 1
    assert f"generic/demo/invoice/{batch.name}: is not in the landing any more" in done.stderr
    verified = rapport("verify", "--config", config, "--home", copy)
    assert verified.returncode == 3
    assert f"{batch}: is missing" in verified.stderr
    assert "1 things are not as they were recorded" in verified.stderr


def test_a_release_that_was_edited_together_with_the_landing_cannot_be_built_again(company, tmp_path):
    config, home, _ = company
    copy = shutil.copytree(home, tmp_path / "home", symlinks=True)
    first, _ = ids(copy)
    manifest = copy / "releases" / first / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text().replace('"as_of": "2025', '"as_of": "2024'))
    done = rapport("reproduce", "--config", config, "--home", copy, first)
    assert done.returncode == 3
    assert "is not what was published" in done.stderr
    unknown = rapport("reproduce", "--config", config, "--home", copy, "20200101T000000Z-00000000")
    assert unknown.returncode == 2
    assert "is not there" in unknown.stderr


@pytest.mark.long
def test_a_rolled_back_release_is_not_published_again_until_something_is_new(company):
    """The last one: it changes the company."""
    config, home, published = company
    first, second = ids(home)
    done = rapport(
        "rollback", "--config", config, first, "--why", "three orders are missing", RAPPORT_USER="controller"
    )
    assert done.returncode == 0, done.stderr
    assert current(home) == first
    assert digests(home) == published
    again = rapport("run", "--config", config, "--as-of", "2026-01-03")
    assert again.returncode == 3, again.stdout + again.stderr
    assert f"are those of release {second}, which controller rolled back" in again.stderr
    assert "three orders are missing" in again.stderr
    assert current(home) == first
    listed = rapport("releases", "--config", config)
    (line,) = [line for line in listed.stdout.splitlines() if "rolled back" in line]
    assert second in line
    forced = rapport("run", "--config", config, "--as-of", "2026-01-02", "--rebuild")
    assert forced.returncode == 0, forced.stderr
    assert current(home) == second
    assert "rolled back" not in rapport("releases", "--config", config).stdout
    shown = rapport("log", "--config", config, "--last", "3").stdout.splitlines()
    assert [line.split()[3] for line in shown] == ["resume", "publish", "run"]
    assert ("controller", "rollback", None) in recorded(home)
    outcomes = [outcome for _, action, outcome in recorded(home) if action == "run"]
    assert outcomes == ["published", "published", "refused", "published"]
    verified = rapport("verify", "--config", config)
    assert verified.returncode == 0, verified.stderr
    assert "All is as it was recorded" in verified.stdout
