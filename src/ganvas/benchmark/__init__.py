"""Speed as it can be compared: everything timed in one run, taking turns, beside the machine's own.

A time by itself says as much about the machine and its mood as about the program. So whatever is
compared takes turns, and the arithmetic that a favourable convolution reaches is measured with it.
"""
