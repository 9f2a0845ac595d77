"""A PostgreSQL server that is thrown away: reached by a socket in its own folder only, and by no network."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks.machine import server_binary

USER = "bench"
_STARTS_WITHIN = 60.0
# a quarter of the memory and no waiting for the disk: what one would set for a warehouse that can be built again
_MEMORY = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": f"{_MEMORY // 4}MB",
    "effective_cache_size": f"{_MEMORY // 2}MB",
    "work_mem": f"{max(64, _MEMORY // 64)}MB",
    "maintenance_work_mem": f"{max(64, _MEMORY // 32)}MB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",
    "fsync": "off",
    "timezone": "UTC",
    "jit": "off",
    # several columns that belong together are taken for few rows, and ten thousand are joined to as many one by one
    "enable_nestloop": "off",
    "statement_timeout": "300s",
}


def create_cluster(folder: Path) -> None:
    """Make a new, empty cluster in `folder`, replacing what is there. The server refuses to be root."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    owner = _owner()
    if owner:
        shutil.chown(folder, owner)
    command = [_binary("initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*_as_owner(owner), *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the server of the cluster in `folder`, as a child of this process; give the folder of its socket."""
    owner = _owner()
    settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
    command = [_binary("postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    with (folder / "server.log").open("wb") as log:
        # a preexec function rather than another program in between, which would not be waited for
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, user=owner, group=owner and pwd.getpwnam(owner).pw_gid,
            extra_groups=[] if owner else None,
        )  # fmt: skip
        try:
            _wait(process, folder)
            yield str(folder)
        finally:
            # SIGINT: close all connections and shut down in order
            process.send_signal(2)
            process.wait()


def connect(socket: str) -> psycopg.Connection:
    """Return a connection to the database of the server at `socket`."""
    return psycopg.connect(host=socket, user=USER, dbname="postgres", autocommit=True)


def _wait(process: subprocess.Popen, folder: Path) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            connect(str(folder)).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                said = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"PostgreSQL did not start:\n{said}") from None
            time.sleep(0.05)


def _owner() -> str | None:
    """Who runs the server if this process is root: the user that the package made, else nobody."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _as_owner(owner: str | None) -> list[str]:
    return ["runuser", "-u", owner, "--"] if owner else []


def _binary(name: str) -> str:
    found = server_binary(name)
    if not found:
        raise RuntimeError(f"{name} is not installed: apt-get install postgresql, or leave the variant out")
    return found
