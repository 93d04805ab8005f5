"""The data sets that ganvas knows by name: facts only, nothing is opened here."""

from dataclasses import dataclass

__all__ = ["FASHION_MNIST", "MNIST", "SOURCES", "IdxSource", "KnownFile"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFile:
    """A file whose uncompressed content is known: its size in bytes and SHA-256 (hexadecimal).

    `name` is the uncompressed file's; on disk it may also end in ".gz". `download_bytes` is
    the size of the mirror's compressed copy.
    """

    name: str
    num_bytes: int
    digest: str
    download_bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class IdxSource:
    """A data set in MNIST's four IDX files.

    `mirrors` are addresses that a file name plus ".gz" is appended to; `system_folders` are
    where a package of the operating system puts the files; `package` is that package's name.
    """

    name: str
    title: str
    licence: str
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    num_train: int
    num_test: int
    train_images: KnownFile
    train_labels: KnownFile
    test_images: KnownFile
    test_labels: KnownFile
    embedded: bool = False
    system_folders: tuple[str, ...] = ()
    package: str = ""
    mirrors: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[KnownFile, KnownFile, KnownFile, KnownFile]:
        """The four files: training images and labels, test images and labels."""
        return self.train_images, self.train_labels, self.test_images, self.test_labels


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

SOURCES: dict[str, IdxSource] = {source.name: source for source in (MNIST, FASHION_MNIST)}
"""Every data set that can be asked for by name, in the order of listings."""
