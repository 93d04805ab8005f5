"""What a training takes before one begins it: time and memory by size, width, batch, data, workers.

The command is `python -m bench.planning`; what it writes is docs/planning.md.

    point         what is measured: a recipe on images of some kind, and the grid of such points
    material      the random images that points train on
    trainee       a process that is one point: it trains when told, and says what it took
    turns         a point beside the default point, in turns, to a result
    workers       one process beside two, by `bench.distributed`
    results       the results in a file, so that a measurement that was stopped goes on
    laws          how one figure grows with another, by least squares
    time_law      an image's time by its arithmetic
    memory_law    what a training's memory consists of
    cells         figures as cells, tables as lines
    growth        tables of size, colour, width and batch
    surroundings  tables of data, machine, workers, memory and runs
    runs          whole runs of `ganvas train`
    estimate      a setting that no table has: estimated from them, beside what was measured
    page          the tables between their marks
"""
