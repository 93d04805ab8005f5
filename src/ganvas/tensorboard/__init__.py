"""A run as TensorBoard's event files, written beside it while it trains (extra `tensorboard`)."""

from ganvas.tensorboard.watcher import FOLDER, TensorBoard, require_tensorboard

__all__ = ["FOLDER", "TensorBoard", "require_tensorboard"]
