"""What TensorFlow defines for Keras' layers, in plain NumPy loops: the reference of the ports.

Maps are (H, W, C), convolution weights (k, k, in, out), transposed ones (k, k, out, in), as there.
"""

import numpy as np

__all__ = ["average_pool", "conv_same", "conv_transpose_same", "resize_bilinear_twice"]


def before(size: int, kernel: int, stride: int) -> int:
    """Zeros before the first of `size` positions in "same" padding."""
    return max(kernel - (size % stride or stride), 0) // 2


def conv_same(x: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    """`tf.nn.conv2d` with padding SAME of one image."""
    kernel, _, _, outputs = weight.shape
    height, width = (-(-size // stride) for size in x.shape[:2])
    top, left = (before(size, kernel, stride) for size in x.shape[:2])
    out = np.zeros((height, width, outputs))
    for row in range(height):
        for column in range(width):
            for i in range(kernel):
                for j in range(kernel):
                    y, z = row * stride + i - top, column * stride + j - left
                    if 0 <= y < x.shape[0] and 0 <= z < x.shape[1]:
                        out[row, column] += x[y, z] @ weight[i, j]
    return out


def conv_transpose_same(x: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    """`tf.nn.conv2d_transpose` with padding SAME to `stride` times the size, of one image.

    Each input pixel adds its multiple of the kernel where `conv_same` would have read it from.
    """
    kernel, _, outputs, _ = weight.shape
    height, width = (stride * size for size in x.shape[:2])
    top, left = before(height, kernel, stride), before(width, kernel, stride)
    out = np.zeros((height, width, outputs))
    for row in range(x.shape[0]):
        for column in range(x.shape[1]):
            for i in range(kernel):
                for j in range(kernel):
                    y, z = row * stride + i - top, column * stride + j - left
                    if 0 <= y < height and 0 <= z < width:
                        out[y, z] += weight[i, j] @ x[row, column]
    return out


def average_pool(x: np.ndarray) -> np.ndarray:
    """`tf.nn.avg_pool` over 2x2 at stride 2 with padding SAME: means of the pixels there are."""
    height, width = (-(-size // 2) for size in x.shape[:2])
    out = np.zeros((height, width, x.shape[2]))
    for row in range(height):
        for column in range(width):
            out[row, column] = x[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].mean((0, 1))
    return out


def resize_bilinear_twice(x: np.ndarray) -> np.ndarray:
    """TensorFlow 1's `resize_images` to twice the size: output i reads position i * (1 / 2)."""
    height, width, channels = x.shape
    out = np.zeros((2 * height, 2 * width, channels))
    for row in range(2 * height):
        for column in range(2 * width):
            y, z = row * 0.5, column * 0.5
            top, left = int(np.floor(y)), int(np.floor(z))
            bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
            above = x[top, left] + (x[top, right] - x[top, left]) * (z - left)
            below = x[bottom, left] + (x[bottom, right] - x[bottom, left]) * (z - left)
            out[row, column] = above + (below - above) * (y - top)
    return out
