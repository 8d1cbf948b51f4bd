"""Loading CUDA libraries that pip installed, with folders of empty files and a loader that takes notes."""

from __future__ import annotations

from pathlib import Path

from media.adapters.cuda import preload

NAMES = ("libcublasLt.so.12", "libcublas.so.12", "libcudnn.so.9")


class Loader:
    """Knows some libraries by name or path; others are refused, as the system does."""

    def __init__(self, *known: str) -> None:
        self.known = known
        self.loaded: list[str] = []

    def __call__(self, name: str) -> None:
        if not any(name.endswith(one) for one in self.known) or (self.known and "broken" in name):
            raise OSError(f"{name}: cannot open shared object file")
        self.loaded.append(name)


def packages(folder: Path, *names: str) -> Path:
    for name in names or NAMES:
        package = "cudnn" if "cudnn" in name else "cublas"
        path = folder / "nvidia" / package / "lib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_libraries_of_the_packages_are_loaded_each_after_what_it_needs(tmp_path: Path) -> None:
    loader = Loader(*NAMES)
    result = preload([tmp_path / "other", packages(tmp_path / "site")], loader)
    assert result.complete
    assert result.loaded == NAMES
    assert [Path(path).name for path in loader.loaded] == list(NAMES)
    assert all(path.startswith(str(tmp_path / "site")) for path in loader.loaded)


def test_libraries_of_the_system_do_as_well(tmp_path: Path) -> None:
    loader = Loader(*NAMES)
    assert preload([tmp_path], loader).complete
    assert loader.loaded == list(NAMES)


def test_what_is_needed_and_missing_is_named_and_what_is_not_needed_is_not(tmp_path: Path) -> None:
    result = preload([packages(tmp_path, "libcublasLt.so.12")], Loader("libcublasLt.so.12"))
    assert not result.complete
    assert result.missing == ("libcublas.so.12",)


def test_a_broken_library_is_told_unless_another_does(tmp_path: Path) -> None:
    broken = packages(tmp_path / "broken")
    assert preload([broken], Loader()).faults[0].startswith(str(broken))
    assert not preload([broken], Loader()).complete
    assert preload([broken, packages(tmp_path / "site")], Loader(*NAMES)).complete
