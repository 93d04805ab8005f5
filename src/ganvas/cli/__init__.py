"""The command line: each command parses its options, imports what it needs, makes one call."""
