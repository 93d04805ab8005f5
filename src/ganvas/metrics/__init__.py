"""Metrics: feature matrices and labels in, numbers out."""
