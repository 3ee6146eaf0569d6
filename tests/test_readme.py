"""What README.md promises: its example runs, its picture is what the example draws, its files and commands are there.

python -m tests.test_readme      writes the picture, and what it says, again
"""

import io
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from netlab.lab import Lab
from netlab.picture import Picture
from netlab.show.paint import png

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
IMAGE = re.compile(r"!\[(?P<says>[^\]]*)\]\((?P<file>[^)]*)\)")
AGAIN = "README.md's picture is not what its example draws now: `python -m tests.test_readme` writes it again"


def text() -> str:
    return README.read_text(encoding="utf-8")


def example(number: int = 0) -> str:
    """Return a Python example: the first one draws the picture, the second one needs a lab."""
    pictured, measured = re.findall(r"```python\n(.*?)```", text(), flags=re.S)
    return str((pictured, measured)[number])


def drawn(code: str) -> Picture:
    """Run the example in the folder where we are, and return the picture that it makes."""
    names: dict[str, Picture] = {}
    exec(code, names)
    return names["picture"]


def stored() -> re.Match[str]:
    """Return the one picture: what it says to who cannot see it, and its file."""
    (image,) = IMAGE.finditer(text())
    return image


@pytest.mark.serial
def test_the_lab_is_as_fast_as_the_example_says(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    exec(example(1), {})
    assert 0.5 * 12e6 < float(capsys.readouterr().out) < 12e6


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Picture:
    monkeypatch.chdir(tmp_path)
    return drawn(example())


def test_the_example_draws_the_picture(picture: Picture) -> None:
    assert Path("sawtooth.png").stat().st_size > 5000, "the example saves what it draws"
    assert len([line for line in example().splitlines() if line.strip()]) <= 8
    assert stored()["says"] == picture.sentence, AGAIN
    path = ROOT / stored()["file"]
    assert path.stat().st_size <= 60_000
    kept, now = (np.asarray(Image.open(file).convert("RGB"), dtype=float) for file in (path, io.BytesIO(png(picture))))
    assert kept.shape == now.shape, AGAIN
    assert np.abs(kept - now).mean() < 0.5, AGAIN  # of 255: a moved curve is more, another system's smoothing is less


def test_every_file_that_is_named_exists() -> None:
    for name in [*re.findall(r"\]\(([^)]+)\)", text()), *re.findall(r"-r (\S+)", text())]:
        assert not name.startswith("http"), f"{name}: the README needs no network"
        assert (ROOT / name).is_file(), name


def test_the_way_without_make_is_what_make_does() -> None:
    """Each step of a block without make stands in the Makefile too, but for the quiet options of a script."""
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    made = made.replace("$(PIP) install --no-compile", "$(PIP) install")
    said = re.findall(r"^    \.venv[/\\](?:bin|Scripts)[/\\](.*)$", text(), flags=re.M)
    assert len(said) == 14
    for command in said:
        words = shlex.split(command.replace("python -m pip", "pip").replace("python -m ", ""))
        if words[0] == "pip":
            assert f"$(PIP) {' '.join(words[1:])}" in made, command
        elif words[0] == "pytest":
            assert any(set(words[1:]) <= set(line.split()) for line in made.splitlines() if "$(PYTEST)" in line), (
                command
            )
        else:
            assert f"$(BIN)/{' '.join(words)}" in made, command


def main() -> None:
    """Draw the picture of the example as it is now; write its file, and its sentence into the README."""
    code = example().partition("draw(picture)")[0]
    picture = drawn(code)
    (ROOT / stored()["file"]).write_bytes(png(picture))
    README.write_text(IMAGE.sub(f"![{picture.sentence}]({stored()['file']})", text()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
