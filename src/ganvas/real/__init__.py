"""What a judge makes of real images, computed once: features, statistics, figures; cached."""
