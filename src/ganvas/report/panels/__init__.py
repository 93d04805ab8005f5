"""The panels that figures are made of, one file for each kind: a run's record in, axes filled."""

from ganvas.report.panels.panel import Panel

__all__ = ["Panel"]
