"""TensorBoard's event files: records added one by one, whole or not at all.

torch's SummaryWriter hands records to a thread that ends with a traceback when a disk is full. So
the records are made with its functions, and added to the file here.
"""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from ganvas import disk
from ganvas.files import cannot_write, write_bytes

__all__ = ["EventFile", "write_settings"]

_VERSION = "brain.Event:2"
_SETTINGS = 0  # the number of the file of settings, which every start writes anew


class EventFile:
    """The events of one start of a run, in a new file after all others of `folder`.

    Steps are images seen. A reader hides what files before it say of step `goes_on_from` and
    later: None, where nothing came before. Every method raises GanvasError when the file cannot
    be written.
    """

    def __init__(self, folder: Path, *, goes_on_from: int | None) -> None:
        try:
            if not folder.is_dir():
                disk.make_folder(folder)
            # By number, not by the clock: readers take files in the order of their names.
            number = 1 + max((_number(path) for path in folder.iterdir()), default=0)
        except OSError as error:
            raise cannot_write(folder, error) from None
        self._path = _path(folder, number)
        self._append(_event(file_version=_VERSION, step=goes_on_from or 0))
        if goes_on_from is not None:
            self.go_on_from(goes_on_from)

    def go_on_from(self, step: int) -> None:
        """Let readers hide what was said of `step` and later: it is said again."""
        from tensorboard.compat.proto.event_pb2 import SessionLog

        self._append(_event(session_log=SessionLog(status=SessionLog.START), step=step))

    def add(self, step: int, *summaries: Any) -> None:
        """Add torch's summaries of one step, all or none."""
        self._append(*(_event(summary=summary, step=step) for summary in summaries))

    def _append(self, *events: Any) -> None:
        try:
            disk.append(self._path, _records(*events))
        except OSError as error:
            raise cannot_write(self._path, error) from None


def write_settings(folder: Path, *summaries: Any) -> None:
    """Write summaries without a step to a file before all others of `folder`, in place of it.

    Readers keep the first they find of such a summary. Raises GanvasError.
    """
    events = (_event(summary=summary, step=0) for summary in summaries)
    content = _records(_event(file_version=_VERSION, step=0), *events)
    write_bytes(_path(folder, _SETTINGS), content)


def _path(folder: Path, number: int) -> Path:
    return folder / f"events.out.tfevents.{number:010d}.ganvas"


def _number(path: Path) -> int:
    part = path.name.removeprefix("events.out.tfevents.").partition(".")[0]
    return int(part) if part.isascii() and part.isdigit() else 0


def _event(**content: Any) -> Any:
    from tensorboard.compat.proto.event_pb2 import Event

    return Event(wall_time=datetime.now(UTC).timestamp(), **content)


def _records(*events: Any) -> bytes:
    from tensorboard.summary.writer.record_writer import RecordWriter

    buffer = BytesIO()
    writer = RecordWriter(buffer)
    for event in events:
        writer.write(event.SerializeToString())
    return buffer.getvalue()
