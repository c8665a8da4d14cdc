"""Writes: which folders are read by the clock."""

from datetime import datetime
from pathlib import Path

from carethread.audit.actions import record
from carethread.interchange.models import DropFolder
from carethread.kit.unable import UnableTo
from carethread.wall.scope import current


def keep_folder(*, path: Path, stop: bool, by: str, at: datetime) -> DropFolder:
    """Let a folder be read by the clock, or no more.

    Raises:
        UnableTo: if it is not there.
    """
    path = path.resolve()
    if not stop and not (path / "in").is_dir():
        message = f"{path} has no folder `in`; make it first"
        raise UnableTo(message)
    found, _ = DropFolder.objects.get_or_create(
        council_id=current().writes, path=str(path), defaults={"added_at": at, "added_by": by}
    )
    folder: DropFolder = found
    folder.stopped_at = at if stop else None
    folder.save(update_fields=["stopped_at"])
    deed = "folder.stopped" if stop else "folder.added"
    record(by=by, at=at, action=deed, subject=f"folder:{folder.pk}", after={"path": str(path)})
    return folder
