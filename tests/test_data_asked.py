"""A word on the command line: a name, a path, and classes of either."""

import subprocess
import sys
from pathlib import Path

import pytest

from ganvas.data.asked import Asked, parse_data, plain_name
from ganvas.errors import UsageError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("pets", "mnist", "odd:name", "odd:name:more"):
        (tmp_path / name).mkdir()
    (tmp_path / "x.npz").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mnist", ("mnist", None, ())),
        ("mnist:3", ("mnist", None, ("3",))),
        ("fashion-mnist: Sneaker , Bag", ("fashion-mnist", None, ("Sneaker", "Bag"))),
        ("./mnist", ("", "./mnist", ())),
        ("pets", ("", "pets", ())),
        ("pets/", ("", "pets", ())),
        ("pets:cat,dog", ("", "pets", ("cat", "dog"))),
        ("x.npz:1", ("", "x.npz", ("1",))),
        ("odd:name", ("", "odd:name", ())),
        ("odd:name:cat", ("", "odd:name", ("cat",))),
        ("odd:name:more", ("", "odd:name:more", ())),
    ],
)
def test_names_come_first_then_whole_paths_then_classes(
    text: str, expected: tuple[str, str | None, tuple[str, ...]]
) -> None:
    name, path, classes = expected
    assert parse_data(text) == Asked(name, None if path is None else Path(path), classes)


def test_a_path_object_is_only_a_path_and_a_tilde_is_home(here: Path) -> None:
    assert parse_data(Path("mnist")) == Asked("", Path("mnist"), ())
    assert parse_data("~/pets:a").path == here / "pets"
    with pytest.raises(UsageError, match="no file or folder at fashion-mnist"):
        parse_data(Path("fashion-mnist"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mnits", r"^unknown data set 'mnits'; did you mean 'mnist'\?$"),
        ("mnits:3", r"^unknown data set 'mnits'; did you mean 'mnist'\?$"),
        ("./mnits", "^no file or folder at './mnits'$"),
        ("some/where:cat", "^no file or folder at 'some/where'$"),
        ("", "^unknown data set ''"),
        ("https://x.org/a.zip", "^no data is fetched from https://x.org/a.zip; download it"),
        ("holiday.zip", "^unknown data set 'holiday.zip', and nothing lies at that path; choose"),
        ("cifar10:car", "^cifar10 has no class 'car'; did you mean 'cat'"),
        ("mnist:3,3", "^class '3' is asked for twice$"),
        (":3", "^unknown data set"),
        ("mnist:", "names an empty class; write the classes as in mnist:first,second"),
        ("mnist:3,,4", "names an empty class"),
        ("zero\0byte", "^unknown data set"),
        ("a" * 5000, "^unknown data set"),
    ],
)
def test_what_is_neither_is_refused_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_data(text)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("pets", "pets"),
        ("mnist", "mnist-folder"),
        ("x.npz", "x"),
        ("a/pictures.tar.gz", "pictures"),
        ("My Holiday (2).zip", "My-Holiday-2"),
        ("...", "pictures"),
        ("odd:name", "odd-name"),
        ("v1.2 final", "v1.2-final"),
        ("arrays.npz", "arrays-folder"),
    ],
)
def test_a_paths_name_is_plain_and_never_a_known_one(path: str, name: str) -> None:
    assert plain_name(Path(path)) == name


def test_a_plain_word_for_what_was_asked() -> None:
    assert parse_data("fashion-mnist:T-shirt/top,9").plain == "fashion-mnist-T-shirt-top-9"
    assert parse_data("pets:cat").plain == "pets-cat"


def test_telling_them_apart_needs_no_numpy() -> None:
    code = "import sys; from ganvas.data import parse_data; sys.exit('numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
