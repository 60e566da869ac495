"""The clients: the generated resources, on a base that knows how to send."""

from __future__ import annotations

from cartesia._runtime._async.client import AsyncAPIClient
from cartesia._runtime._sync.client import APIClient
from cartesia_rest import API_VERSION
from cartesia_rest.client import AsyncClientResources, ClientResources

_PACKAGES = ("cartesia_rest.resources", "cartesia_rest.sockets", "cartesia_rest.models")


class Cartesia(APIClient, ClientResources):
    """The client of the Cartesia API. Threads may share it; close it when done.

    Example::

        with Cartesia(api_key="sk_car_...") as client:
            voice = client.voices.get("6ccbfb76-1fc6-48f7-b71d-91ac6298247b")
    """

    api_version = API_VERSION
    _packages = _PACKAGES


class AsyncCartesia(AsyncAPIClient, AsyncClientResources):
    """The client of the Cartesia API for asyncio. Tasks may share it; close it when done.

    Example::

        async with AsyncCartesia(api_key="sk_car_...") as client:
            voice = await client.voices.get("6ccbfb76-1fc6-48f7-b71d-91ac6298247b")
    """

    api_version = API_VERSION
    _packages = _PACKAGES


Client = Cartesia
AsyncClient = AsyncCartesia

for _class in (Cartesia, AsyncCartesia):
    _class.__module__ = "cartesia"
