"""The kinds of data sets that ganvas knows by name: where their files are, what they hold."""

from dataclasses import dataclass

__all__ = ["BinarySource", "IdxSource", "KnownFile", "PointSource", "Source", "StackedSource"]


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFile:
    """A file whose uncompressed content is known: its size in bytes and SHA-256 (hexadecimal).

    `name` is the uncompressed file's; on disk it may also end in ".gz". `download_bytes` is
    the size of the mirror's compressed copy. Of an archive, size and digest are those of the
    file as it is, packed.
    """

    name: str
    num_bytes: int
    digest: str
    download_bytes: int = 0
    is_archive: bool = False

    @property
    def packed_name(self) -> str:
        """What mirrors and caches call it."""
        return self.name if self.is_archive else f"{self.name}.gz"


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


@dataclass(frozen=True, kw_only=True, slots=True)
class BinarySource:
    """A data set in CIFAR's binary layout: one archive of batches, label byte then the planes.

    `folder` is what the archive unpacks to; `train_files` and `test_files` are the names of the
    batches in it, with the MD5 of each. `pictures` is the name of an archive of such images in
    class folders, which is taken where there is no other copy.
    """

    name: str
    title: str
    licence: str
    class_names: tuple[str, ...]
    shape: tuple[int, int, int]
    num_train: int
    num_test: int
    archive: KnownFile
    folder: str
    train_files: dict[str, str]
    test_files: dict[str, str]
    pictures: str
    embedded: bool = False
    system_folders: tuple[str, ...] = ()
    package: str = ""
    mirrors: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[KnownFile, ...]:
        """The archive."""
        return (self.archive,)


@dataclass(frozen=True, kw_only=True, slots=True)
class StackedSource:
    """Three random images of another data set as the red, green and blue of one.

    A stack's class is its three digits; `num_train` are drawn from the other's training images,
    `num_test` from its test images.
    """

    name: str
    title: str
    licence: str
    of: IdxSource
    num_train: int
    num_test: int

    @property
    def class_names(self) -> tuple[str, ...]:
        """All triples, "000" first."""
        names = self.of.class_names
        return tuple(f"{a}{b}{c}" for a in names for b in names for c in names)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width."""
        return (3, *self.of.shape[1:])


@dataclass(frozen=True, kw_only=True, slots=True)
class PointSource:
    """Points drawn from Gaussians, a mode each: computed, so there are no files.

    A point divided by `scale` lies in [-1, 1], but for one in thousands.
    """

    name: str
    title: str
    num_modes: int
    scale: float
    num_train: int = 100_000
    num_test: int = 10_000


Source = IdxSource | BinarySource | StackedSource
