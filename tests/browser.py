"""Finds a Chromium for the tests of pages, and gets one where there is none.

`python -m tests.browser` is run by `make test`: the system's Chromium serves, else apt's when we are
root, else Playwright's own. If none can be had it says in one line what to install.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def installed() -> str | None:
    """Return the path of a Chromium on this machine, Playwright's own included."""
    for name in _NAMES:
        path = shutil.which(name)
        if path:
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110 -- a plain question


def get() -> None:
    """Try to get a Chromium: from apt where we are root, else or if that fails Playwright's own."""
    apt = [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]
    own = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for command in (apt if shutil.which("apt-get") and os.geteuid() == 0 else []) + own:
        if not installed():
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(command, check=False, env=environment, capture_output=True)


if __name__ == "__main__":
    get()
    if not installed():
        sys.exit("The tests of pages need Chromium: install the package `chromium` of your system.")
