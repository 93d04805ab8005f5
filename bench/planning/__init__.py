"""What a training takes before one begins it: time and memory by size, width, batch, data, workers.

point      what is measured: a recipe on images of some kind, and the grid of such points
material   the random images that points train on
trainee    a process that is one point: it trains when told, and says what it took
turns      a point beside the default point, in turns, to a result
workers    one process beside two, by `bench.distributed`
results    the results in a file, so that a measurement that was stopped goes on
laws       how one figure grows with another, by least squares
tables     results to the tables of docs/planning.md
example    one setting estimated from the tables, and measured
page       the tables between their marks
"""
