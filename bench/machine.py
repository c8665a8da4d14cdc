"""What the figures were measured on: hardware and versions, no names."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

_LIBRARIES = ("pyarrow", "numpy", "numba", "duckdb", "polars", "pyspark")


def describe() -> dict[str, Any]:
    """Return the machine of a result."""
    names = re.findall(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }
