"""Where things are: the project's own folders, and the folders below `home`."""

from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DBT_PROJECT = PROJECT / "dbt_project"
STAGING = DBT_PROJECT / "models" / "staging"
EXPECTATIONS = PROJECT / "expectations"


def make_private(folder: Path) -> Path:
    """Return `folder`, which afterwards exists and only its owner can enter, whatever the umask is.

    It holds personal data, or is about to: what is created in it is out of the reach of others from the beginning.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_mode & 0o777 != 0o700:
        folder.chmod(0o700)
    return folder


@dataclass(frozen=True)
class Home:
    """The folders of one installation. Everything in `warehouse` can be deleted and is rebuilt from `landing`."""

    root: Path

    @property
    def landing(self) -> Path:
        """Immutable batches: the only state that cannot be rebuilt."""
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        """The folder of the build: the database, dbt's target and logs."""
        return self.root / "warehouse"

    @property
    def database(self) -> Path:
        """The warehouse database: one writer, nobody else opens it."""
        return self.warehouse / "warehouse.duckdb"

    @property
    def built_mark(self) -> Path:
        """Says what the warehouse was built from; it is missing while a build is at work or has failed."""
        return self.warehouse / "built.json"

    @property
    def built_models(self) -> Path:
        """The models of the warehouse as they were compiled, for building some of them again."""
        return self.warehouse / "models.json"

    @property
    def last_refused(self) -> Path:
        """The verdict on the candidate that was refused last."""
        return self.warehouse / "last_refused.json"

    @property
    def releases(self) -> Path:
        """Published releases and the link `current`."""
        return self.root / "releases"

    @property
    def pseudonym_key(self) -> Path:
        """The key of keyed hashes, where the environment names none; in no release."""
        return self.root / "pseudonym.key"

    @property
    def erased(self) -> Path:
        """Keyed hashes of erased persons: what is delivered of them later is erased as it is landed."""
        return self.root / "erased.json"

    @property
    def audit_log(self) -> Path:
        """Who did what, and when."""
        return self.root / "audit.jsonl"

    @property
    def dagster(self) -> Path:
        """Dagster's own storage (DAGSTER_HOME)."""
        return self.root / "dagster"

    @property
    def lock(self) -> Path:
        """Held while a run works, so that two runs never meet."""
        return self.root / "run.lock"

    @property
    def reproductions(self) -> Path:
        """Where a release is built a second time; removed afterwards."""
        return self.root / "reproduce"

    @property
    def refused(self) -> Path:
        """What is kept of the last candidate that was not published: its checks, and its quarantine."""
        return self.warehouse / "refused"
