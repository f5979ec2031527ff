"""A PostgreSQL server of the tests' own: a folder, a socket in it, no port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


@contextmanager
def server(folder_of_programs: Path) -> Iterator[str]:
    """Address of a fresh, empty database. PostgreSQL refuses to run as root, so root lends another user."""
    user = _unprivileged()
    # Not below pytest's own folder: only its owner may enter that, and a socket's path must be short.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="argonscope-postgresql-", dir=memory))
    try:
        if user is not None:
            os.chown(root, user.pw_uid, user.pw_gid)
        data = root / "data"
        _run([folder_of_programs / "initdb", "-A", "trust", "-U", "tester", "-N", "-D", data], root, user)
        options = f"-F -c listen_addresses= -c unix_socket_directories={root}"
        control = [folder_of_programs / "pg_ctl", "-D", data, "-s", "-w"]
        _run([*control, "-l", root / "log", "-o", options, "start"], root, user)
        try:
            yield f"postgresql://tester@/postgres?host={root}"
        finally:
            _run([*control, "-m", "immediate", "stop"], root, user)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _run(command: list[str | Path], folder: Path, user: pwd.struct_passwd | None) -> None:
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")
