"""The wall as a Django app: it puts its rules in place after every migration."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate

from carethread.wall.install import after_migrate


class WallConfig(AppConfig):
    """Registers the check and the installer."""

    name = "carethread.wall"

    def ready(self) -> None:
        """Register."""
        from carethread.wall.checks import every_model_says_whose  # noqa: PLC0415 -- it needs models

        checks.register(every_model_says_whose)
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="carethread.wall")
