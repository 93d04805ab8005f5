"""What ships with the package: the MNIST images, models, judges, real statistics. Read only."""
