"""Every address."""

from django.urls import URLPattern, URLResolver, path, re_path

from carethread.interchange.api.errors import not_there
from carethread.interchange.api.site import api

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", api.urls), re_path("^api/", not_there)]
