"""Pictures and arrays of one's own: decoded, arranged in splits and classes, brought to a size."""
