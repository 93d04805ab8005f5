"""The data sets that ganvas knows by name: facts only, nothing is opened here."""

from ganvas.data.named.kinds import (
    BinarySource,
    IdxSource,
    KnownFile,
    PointSource,
    Source,
    StackedSource,
)

__all__ = [
    "CIFAR10",
    "FASHION_MNIST",
    "MNIST",
    "POINT_SOURCES",
    "SOURCES",
    "STACKED_MNIST",
    "BinarySource",
    "IdxSource",
    "KnownFile",
    "PointSource",
    "Source",
    "StackedSource",
]

MNIST = IdxSource(
    name="mnist",
    title="handwritten digits",
    licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    class_names=tuple(str(digit) for digit in range(10)),
    shape=(1, 28, 28),
    num_train=60_000,
    num_test=10_000,
    embedded=True,
    train_images=KnownFile(
        name="train-images-idx3-ubyte",
        num_bytes=47_040_016,
        digest="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    train_labels=KnownFile(
        name="train-labels-idx1-ubyte",
        num_bytes=60_008,
        digest="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    test_images=KnownFile(
        name="t10k-images-idx3-ubyte",
        num_bytes=7_840_016,
        digest="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    test_labels=KnownFile(
        name="t10k-labels-idx1-ubyte",
        num_bytes=10_008,
        digest="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

FASHION_MNIST = IdxSource(
    name="fashion-mnist",
    title="pictures of clothes",
    licence="MIT, Zalando SE",
    class_names=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    shape=(1, 28, 28),
    num_train=60_000,
    num_test=10_000,
    system_folders=("/usr/share/datasets/fashion-mnist",),
    package="dataset-fashion-mnist",
    mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    train_images=KnownFile(
        name="train-images-idx3-ubyte",
        num_bytes=47_040_016,
        digest="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        download_bytes=26_421_880,
    ),
    train_labels=KnownFile(
        name="train-labels-idx1-ubyte",
        num_bytes=60_008,
        digest="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        download_bytes=29_515,
    ),
    test_images=KnownFile(
        name="t10k-images-idx3-ubyte",
        num_bytes=7_840_016,
        digest="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        download_bytes=4_422_102,
    ),
    test_labels=KnownFile(
        name="t10k-labels-idx1-ubyte",
        num_bytes=10_008,
        digest="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        download_bytes=5_148,
    ),
)

CIFAR10 = BinarySource(
    name="cifar10",
    title="photographs of animals and vehicles",
    licence="not stated; made by Alex Krizhevsky, Vinod Nair and Geoffrey Hinton (2009)",
    class_names=(
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    ),
    shape=(3, 32, 32),
    num_train=50_000,
    num_test=10_000,
    archive=KnownFile(
        name="cifar-10-binary.tar.gz",
        num_bytes=170_052_171,
        digest="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        download_bytes=170_052_171,
        is_archive=True,
    ),
    folder="cifar-10-batches-bin",
    train_files={
        "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
        "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
        "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
        "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
        "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
    },
    test_files={"test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d"},
    pictures="cifar10-jpeg.tar.xz",
    mirrors=(
        "https://www.cs.toronto.edu/~kriz/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
    ),
)

STACKED_MNIST = StackedSource(
    name="stacked-mnist",
    title="three digits on top of each other as red, green and blue",
    licence=MNIST.licence,
    of=MNIST,
    num_train=128_000,
    num_test=26_000,  # as many as samples are taken where modes are counted (arXiv 1712.04086)
)

SOURCES: dict[str, Source] = {
    source.name: source for source in (MNIST, FASHION_MNIST, CIFAR10, STACKED_MNIST)
}
"""Every data set of images that can be asked for by name, in the order of listings."""

POINT_SOURCES = {
    "ring": PointSource(
        name="ring", title="points in the plane, 8 Gaussians on a circle", num_modes=8, scale=1.04
    ),
    "grid": PointSource(
        name="grid", title="points in the plane, 25 Gaussians in a square", num_modes=25, scale=4.2
    ),
}
"""The sets of points, which come after those of images."""
