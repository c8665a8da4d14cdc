"""The API put together."""

from ninja import NinjaAPI

from carethread.interchange.api import imports, outgoing, packages, totals
from carethread.interchange.api.errors import add_handlers

api = NinjaAPI(
    title="carethread",
    version="1",
    description="Packages of care in, messages out, control totals both ways, files to import.",
    docs_url=None,
    urls_namespace="api-1",
)
add_handlers(api)
api.add_router("", packages.router)
api.add_router("", totals.router)
api.add_router("", outgoing.router)
api.add_router("", imports.router)
