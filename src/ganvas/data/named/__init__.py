"""Data sets that are known by name: their files found or downloaded, checked and read."""
