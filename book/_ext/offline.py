"""Pack the built site into one file to take along: ``python book/_ext/offline.py`` writes _build/netlab-book.zip.

The archive has one folder, netlab-book: the site as it was built, serve.py and a README.txt. The same site gives the
same bytes, on every machine: names are sorted, and every file has the oldest date that a zip can say.
"""

import shutil
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "_build"
TOP = "netlab-book"
DATE = (1980, 1, 1, 0, 0, 0)
PACKED = {".png", ".woff2", ".gz", ".whl", ".zip"}  # a second compression gains nothing
README = """\
Networks by experiment, a copy that needs no network

To read:        open index.html in a browser.
To experiment:  python3 serve.py
                (on Windows: py serve.py). It needs Python 3.8 or newer, nothing else. It shows the book in your
                browser, to this machine alone, until you press Ctrl-C. The experiments that run in the page need it,
                because a browser gives a page from the disk no workers. With --port 8000 the address is the same each
                time, and so the browser finds your answers again.

Who wrote what, and under which licence: NOTICE, LICENSE (code), LICENSE-text (text and pictures).
"""


def contents(site: Path) -> dict[str, Path | str]:
    """Return what goes into the archive, by name: a file, or a text."""
    found: dict[str, Path | str] = {"README.txt": README, "serve.py": HERE / "serve.py"}
    for path in site.rglob("*"):
        name = path.relative_to(site)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):  # Sphinx's own memory
            found[name.as_posix()] = path
    return found


def pack(site: Path, target: Path) -> int:
    """Write the archive and return the number of its files; raise FileNotFoundError where no site was built."""
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"there is no site in {site}: run `make book` first")
    files = contents(site)
    new = target.with_name(f"{target.name}.new")
    with zipfile.ZipFile(new, "w") as archive:
        for name in sorted(files):
            add(archive, name, files[name])
    new.replace(target)
    return len(files)


def add(archive: zipfile.ZipFile, name: str, content: Path | str) -> None:
    """Add one file, which anybody may read and only its owner change."""
    info = zipfile.ZipInfo(f"{TOP}/{name}", DATE)
    info.create_system, info.external_attr = 3, 0o100644 << 16  # Unix, whatever this machine is
    info.compress_type = zipfile.ZIP_STORED if Path(name).suffix in PACKED else zipfile.ZIP_DEFLATED
    with archive.open(info, "w") as target:
        if isinstance(content, str):
            target.write(content.encode())
        else:
            with content.open("rb") as source:
                shutil.copyfileobj(source, target)


def main() -> int:
    """Pack, and say where it is."""
    target = BUILD / f"{TOP}.zip"
    try:
        count = pack(BUILD / "html", target)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{target.relative_to(BUILD.parent)}: {count} files, {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
