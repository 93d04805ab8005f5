"""Many runs: the same recipe over seeds, and a recipe's settings varied. Each run is a process.

This room trains nothing itself. It gives `ganvas train` and `ganvas resume` to child processes and
reads the run directories that they leave, so what it says of a run anybody can look up.
"""
