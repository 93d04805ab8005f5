"""The doctor: what goes wrong in a run, how that shows, and what helps. Numbers in, findings out.

samples     figures of samples beside those of real images
"""
