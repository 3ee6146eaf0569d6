"""Serve this copy of the book to the browser of this machine alone. It needs Python 3.8 or newer, and no network.

    python3 serve.py [--port PORT] [--no-browser]

Pages may be read without it: open index.html. But a browser gives a page that it opens from the disk no workers and no
modules, and the experiments that run in the page need both. So this serves the folder that it lies in, on 127.0.0.1,
until Ctrl-C. It stands on its own: `make zip` puts it into the offline copy (offline.py).
"""

import argparse
import functools
import http.server
import os
import socketserver
import sys
import threading
import urllib.parse
import webbrowser
from pathlib import Path

# Said here, and not looked up: on Windows the registry may say that a script is plain text, and no browser runs that.
UTF8 = "; charset=utf-8"
TYPES = {
    ".html": "text/html" + UTF8,
    ".css": "text/css" + UTF8,
    ".js": "text/javascript" + UTF8,
    ".mjs": "text/javascript" + UTF8,
    ".json": "application/json",
    ".map": "application/json",
    ".ipynb": "application/json",
    ".txt": "text/plain" + UTF8,
    ".md": "text/plain" + UTF8,
    ".py": "text/plain" + UTF8,
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".whl": "application/zip",
    ".gz": "application/gzip",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """The standard library's file server, less its lists of folders, its log, and its trust in the system's types."""

    timeout = 60  # s: who connects and says nothing is let go

    def guess_type(self, path):
        """Return the type of a file by its name; plain text for a licence, which has no ending."""
        ending = os.path.splitext(path)[1].lower()
        return TYPES.get(ending, "application/octet-stream" if ending else "text/plain" + UTF8)

    def send_head(self):
        """Refuse a name that no file can have, before anybody asks the disk for it."""
        if "\0" in urllib.parse.unquote(self.path):
            return self.list_directory(self.path)
        return super().send_head()

    def list_directory(self, path):
        """Refuse what is no page."""
        self.send_error(404, "There is no such page")

    def end_headers(self):
        """Have the browser ask whether a file changed, and believe the type that it is told."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_):
        """Say nothing of what is read."""


class Server(http.server.ThreadingHTTPServer):
    """A server that does not wait for a thread at its end, and never for the name of its own address."""

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # on Windows that would let two servers have one port

    def server_bind(self):
        """Bind, without asking DNS what 127.0.0.1 is called: offline, that may take many seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address):
        """Say nothing of a browser that has hung up; of anything else, what it was."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def port(text):
    """Return a port's number; raise ArgumentTypeError for what is none."""
    if not text.isascii() or not text.isdigit() or int(text[:6]) > 65535:
        raise argparse.ArgumentTypeError(f"{text[:20]!r} is no port: a number from 0 to 65535, 0 for any that is free")
    return int(text)


def main(words=None):
    """Serve until Ctrl-C; return what the shell is told: 0, or 1 where there is nothing to serve or no port."""
    asks = argparse.ArgumentParser(description="Serve this copy of the book to this machine's own browser.")
    asks.add_argument("--port", type=port, default=0, help="the port; without it, one that is free")
    asks.add_argument("--no-browser", action="store_true", help="only say the address")
    asked = asks.parse_args(words)
    folder = Path(__file__).resolve().parent
    if not (folder / "index.html").is_file():
        print(f"there is no index.html in {folder}: serve.py belongs beside it", file=sys.stderr)
        return 1
    try:
        server = Server(("127.0.0.1", asked.port), functools.partial(Handler, directory=str(folder)))
    except OSError as error:
        print(f"port {asked.port} cannot be had: {error.strerror}", file=sys.stderr)
        return 1
    return serve(server, not asked.no_browser)


def serve(server, browser):
    """Say the address, show it to the browser if asked to, and serve until Ctrl-C."""
    address = f"http://127.0.0.1:{server.server_port}/"
    with server:
        try:
            print(f"The book is at {address} (Ctrl-C ends it)", flush=True)
            if browser:  # aside: one in the terminal would wait for its page before there is anybody to serve it
                threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
