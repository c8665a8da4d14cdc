"""Folders of any size settled by the compiled engine: on this machine, or on many."""

from carethread.kit.compiled import keep_compiled

keep_compiled()
