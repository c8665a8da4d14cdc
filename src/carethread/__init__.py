"""carethread follows every hour of home care from support plan to payment."""

from importlib.metadata import version

__version__ = version("carethread")
