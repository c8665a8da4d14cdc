"""Finds a Java for the tests of Spark, and gets one where there is none.

`python -m tests.java` is run by `make test`: the system's Java serves if it is new enough, else apt's
when we are root. If none can be had it says in one line what to install.
"""

import os
import shutil
import subprocess
import sys

from carethread.batch.spark_session import INSTALL_JAVA, OLDEST_JAVA, java

_PACKAGES = ("openjdk-17-jre-headless", "default-jre-headless")
"""Newer systems have the second only."""


def is_there() -> bool:
    """Say whether this machine has a Java that Spark can use."""
    found = java()
    return found is not None and found[1] >= OLDEST_JAVA


def get() -> None:
    """Try to get a Java from apt, where we are root."""
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        return
    for command in (["update"], *(["install", "-y", package] for package in _PACKAGES)):
        if not is_there():
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *command], check=False, env=environment, capture_output=True)  # noqa: S607


if __name__ == "__main__":
    get()
    if not is_there():
        sys.exit(f"The tests of Spark need Java {OLDEST_JAVA} or later: {INSTALL_JAVA}.")
