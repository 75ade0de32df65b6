"""Library versions between machines: pushed to a shared folder or any address that fsspec knows, pulled from there.

The address holds `versions/<version>/` with the version's files and a manifest of their SHA-256, and a file `current`.
A version is written once and never changed; its manifest comes last, and `current` after it, so that whoever pulls
finds a whole version or none. What was pulled is checked file by file before it becomes the current one here, and a
running server then goes over to it by itself.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from knowledge.errors import LibraryBroken, LibraryError, LibraryMissing
from knowledge.library import (
    copy_version,
    current_folder,
    layout_name,
    lock_for_writing,
    new_version,
    point_to,
    read_current,
)

_MANIFEST = "manifest.json"
Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done and how much there is."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is held: its name, when it came here, and whether answers come from it."""

    name: str
    made: datetime
    current: bool


def list_versions(root: Path) -> list[Version]:
    """The versions held at `root`, newest first."""
    current = read_current(root)
    folders = [folder for folder in (root / "versions").glob("*") if not folder.name.startswith(".")]
    versions = [
        Version(folder.name, datetime.fromtimestamp(folder.stat().st_mtime, UTC), folder.name == current)
        for folder in folders
    ]
    return sorted(versions, key=lambda one: (one.made, one.name), reverse=True)


def roll_back(root: Path, version: str | None = None) -> str:
    """Make another version held here the current one: the named one, or the newest beside the current."""
    with lock_for_writing(root):
        others = [one.name for one in list_versions(root) if not one.current]
        if not others or (version is not None and version not in others):
            held = ", ".join(others) or "none"
            raise LibraryMissing(
                f"There is no such version to go back to (others held: {held}). See: hkva library list"
            )
        chosen = version or others[0]
        point_to(root, chosen)
    return chosen


def push(root: Path, address: str, progress: Progress | None = None) -> str:
    """Copy the current version to the address and make it current there; returns its name. Raises LibraryError."""
    report = progress or (lambda *_: None)
    folder = current_folder(root)
    with _open(address) as remote, tempfile.TemporaryDirectory() as kept:
        draft = Path(kept) / folder.name
        copy_version(folder, draft)
        files = sorted(path for path in draft.rglob("*") if path.is_file())
        manifest = {path.relative_to(draft).as_posix(): _digest(path) for path in files}
        if remote.find(f"versions/{folder.name}/{_MANIFEST}") is None:
            for done, path in enumerate(files, 1):
                remote.put(path, f"versions/{folder.name}/{path.relative_to(draft).as_posix()}")
                report("push", done, len(files))
            body = {"version": folder.name, "layout": layout_name(), "files": manifest}
            remote.write(f"versions/{folder.name}/{_MANIFEST}", json.dumps(body, indent=1).encode())
        remote.write("current", f"{folder.name}\n".encode())
    return folder.name


def pull(root: Path, address: str, version: str | None = None, progress: Progress | None = None) -> str:
    """Fetch the named version, or the one current at the address, and make it current here; returns its name.

    Raises LibraryMissing where the address does not hold it, LibraryBroken where a file is not what its manifest
    says; what was current here then still is.
    """
    report = progress or (lambda *_: None)
    with lock_for_writing(root), _open(address) as remote:
        chosen = version or (remote.find("current") or b"").decode().strip()
        manifest = remote.find(f"versions/{_safe(chosen)}/{_MANIFEST}") if chosen else None
        if manifest is None:
            raise LibraryMissing(f"{address} holds no version {chosen or 'at all'}. Run: hkva library push {address}")
        if (root / "versions" / chosen).is_dir():
            point_to(root, chosen)
            return chosen
        files = _files_of(manifest, chosen)
        with new_version(root) as draft:
            for done, (name, digest) in enumerate(files.items(), 1):
                path = draft / name
                path.parent.mkdir(parents=True, exist_ok=True)
                remote.get(f"versions/{chosen}/{name}", path)
                if _digest(path) != digest:
                    raise LibraryBroken(
                        f"{name} of version {chosen} was changed or cut short at {address}. Push again."
                    )
                report("pull", done, len(files))
    return read_current(root) or chosen


def _files_of(manifest: bytes, version: str) -> dict[str, str]:
    try:
        body = json.loads(manifest)
        layout, files = body["layout"], {_safe(name): str(digest) for name, digest in body["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryBroken(f"The manifest of version {version} cannot be read. Push the version again.") from error
    if layout != layout_name():
        raise LibraryBroken(f"Version {version} was pushed by another release of hkva. Install the same one, or push.")
    return files


def _safe(name: str) -> str:
    """A name that stays inside its folder."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or ".." in parts:
        raise LibraryBroken(f"The name {name!r} leads out of the library.")
    return name


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Remote:
    """The files at an address, by names relative to it."""

    def __init__(self, files: Any, base: str) -> None:
        self._files, self._base = files, base.rstrip("/")

    def _path(self, name: str) -> str:
        return f"{self._base}/{name}"

    def find(self, name: str) -> bytes | None:
        try:
            content: Any = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        return bytes(content)

    def get(self, name: str, path: Path) -> None:
        self._files.get_file(self._path(name), str(path))

    def put(self, path: Path, name: str) -> None:
        self._files.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
        self._files.put_file(str(path), self._path(name))

    def write(self, name: str, content: bytes) -> None:
        self._files.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(self._path(name), content)


@contextmanager
def _open(address: str) -> Iterator[_Remote]:
    """The files at an address. What goes wrong there leaves as LibraryError."""
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # here: only these commands need it

    try:
        yield _Remote(*url_to_fs(address))
    except (ImportError, ValueError, OSError) as error:
        raise LibraryError(f"{address} cannot be read or written ({error}).") from error
