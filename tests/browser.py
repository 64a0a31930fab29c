"""Find a Chromium for the browser tests; install Debian's where we may; else say in one line what will be skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def find() -> str | None:
    """The path of a browser: CBT_TEST_BROWSER, or the first one on the machine."""
    given = os.environ.get("CBT_TEST_BROWSER")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


def _may_install() -> bool:
    return shutil.which("apt-get") is not None and hasattr(os, "geteuid") and os.geteuid() == 0


def ensure() -> str | None:
    """A browser, installed from Debian's packages if there is none and we are allowed to."""
    if find() is None and _may_install():
        print("No Chromium here: installing Debian's package…", flush=True)
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return find()


def main() -> int:
    path = ensure()
    if path:
        print(f"Browser tests use {path}")
        return 0
    print("Browser tests (tests/e2e) are skipped: no Chromium. Install the package chromium, or set CBT_TEST_BROWSER.")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
