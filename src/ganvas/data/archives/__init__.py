"""Folders, zip and tar archives as containers of files, read in place and within bounds."""
