"""Run the command line with `python -m carethread.cli`."""

import sys

from carethread.cli import main

sys.exit(main())
