"""Pictures of runs: run directories in, files out. matplotlib is imported late."""
