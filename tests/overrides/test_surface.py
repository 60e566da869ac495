"""The client as its callers know it: every method there, documented, and the same sync and async."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

import pytest

import cartesia
from cartesia import AsyncCartesia, Cartesia
from scripts.bundle import bundle
from scripts.view.document import Document, mapping, mappings, text

METHODS = """
    get_status get post put patch delete
    tts.generate tts.generate_sse tts.infill tts.websocket_connect tts.stream
    tts.bytes tts.sse tts.websocket
    voice_changer.generate voice_changer.generate_sse
    voice_changer.change_voice_bytes voice_changer.change_voice_sse
    stt.transcribe stt.manual_finalize.websocket stt.auto_finalize.websocket
    voices.list voices.get voices.update voices.delete voices.clone voices.localize
    access_token.create
    datasets.list datasets.create datasets.retrieve datasets.update datasets.delete
    datasets.files.list datasets.files.upload datasets.files.delete
    fine_tunes.list fine_tunes.create fine_tunes.retrieve fine_tunes.delete fine_tunes.list_voices
    pronunciation_dicts.list pronunciation_dicts.create pronunciation_dicts.retrieve
    pronunciation_dicts.update pronunciation_dicts.delete
    agents.list agents.retrieve agents.update agents.delete agents.list_templates
    agents.list_phone_numbers
    agents.calls.list agents.calls.retrieve agents.calls.download_audio
    agents.metrics.list agents.metrics.create agents.metrics.retrieve agents.metrics.add_to_agent
    agents.metrics.remove_from_agent agents.metrics.results.list agents.metrics.results.export
    agents.deployments.list agents.deployments.retrieve
"""
NAMES = """
    NOT_GIVEN APIConnectionError APIError APIResponse APIResponseValidationError APIStatusError
    APITimeoutError AsyncAPIResponse AsyncBinaryAPIResponse AsyncCartesia AsyncClient
    AsyncCursorIDPage AsyncPaginator AsyncSpeechStream AsyncStream
    AsyncStreamedBinaryAPIResponse AuthenticationError BadRequestError BaseModel
    BinaryAPIResponse Cartesia CartesiaError Client ClientClosedError ConflictError
    ConnectionOptions ContextEndedError ContextInactiveError ContextLostError DefaultAioHttpClient
    DefaultAsyncHttpx2Client DefaultAsyncHttpxClient DefaultHttpx2Client
    DefaultHttpxClient ErrorEvent FileTypes InternalServerError LegacyWebSocketError
    MissingCredentialsError Model NotFoundError NotGiven Omit PermissionDeniedError
    RateLimitError ReceiveTimeoutError ReconnectingEvent ReconnectingOverrides RequestOptions
    SlowReceiverError SpeechStream Stream StreamedBinaryAPIResponse SyncCursorIDPage Timeout
    TruncatedResponseError UnfinalizedAudioLostError UnprocessableEntityError
    WebSocketConnectionClosedError WebSocketQueueFullError not_given omit types
"""
DOCUMENT = Document(bundle(Path(__file__).parents[2] / "openapi" / "openapi.yaml"))
VERBS = {"get", "post", "put", "patch", "delete"}
OWN = {"copy", "with_options", "is_closed", "close", "prepare"}
WRAPPERS = ("with_raw_response", "with_streaming_response")

sync_client = Cartesia(api_key="k")
async_client = AsyncCartesia(api_key="k")


def resolve(root: object, path: str) -> object:
    for name in path.split("."):
        root = getattr(root, name)
    return root


def offered(root: object, above: str = "") -> Iterator[str]:
    """Return the dotted name of every public method of a client, those of its resources included."""
    kind = type(root)
    for name in dir(kind):
        if name.startswith("_") or name in {*WRAPPERS, *OWN}:
            continue
        found = inspect.getattr_static(kind, name)
        if isinstance(found, cached_property):
            yield from offered(getattr(root, name), f"{above}{name}.")
        elif inspect.isfunction(found):
            yield above + name


def sockets() -> Iterator[str]:
    """Return the dotted name of every method that opens a WebSocket."""
    for operation in DOCUMENT.operations:
        socket = mapping(operation.node, "x-websocket")
        names = [text(node, "name") for node in mappings(operation.node, "x-aliases")]
        names += [text(socket, "legacy"), text(mapping(socket, "context"), "stream")]
        if socket:
            yield operation.id
            yield from (f"{operation.tag}.{name}" for name in names if name)


def iterators() -> Iterator[str]:
    """Return the dotted name of every method that returns an iterator over bytes."""
    for operation in DOCUMENT.operations:
        for node in mappings(operation.node, "x-aliases"):
            if "returns" in node:
                yield f"{operation.tag}.{text(node, 'name')}"


NEVER_WRAPPED = {*sockets(), *iterators()}
EVERYTHING = sorted(offered(sync_client))


def function(root: object, path: str) -> Callable[..., object]:
    found = resolve(root, path)
    assert callable(found)
    return found


def test_every_promised_method_is_there_and_both_clients_have_the_same() -> None:
    assert set(METHODS.split()) <= set(EVERYTHING)
    assert sorted(offered(async_client)) == EVERYTHING


def plain(annotation: str) -> str:
    """Write an annotation of the async client as the sync one says it."""
    return annotation.replace(" | AsyncIterable[str | None]", "").replace("Async", "")


def test_the_public_names_are_those_that_were_promised() -> None:
    assert set(dir(cartesia)) == set(NAMES.split())


@pytest.mark.parametrize("path", EVERYTHING)
def test_signatures_are_the_same_sync_and_async(path: str) -> None:
    sync = inspect.signature(function(sync_client, path)).parameters
    twin = inspect.signature(function(async_client, path)).parameters
    assert list(sync) == list(twin)
    for name, one in sync.items():
        other = twin[name]
        assert (one.kind, one.default) == (other.kind, other.default), name
        assert one.annotation == plain(other.annotation), name


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_method_says_what_it_does_and_takes(path: str) -> None:
    for client in (sync_client, async_client):
        method = function(client, path)
        said = inspect.getdoc(method) or ""
        assert said
        if said.startswith("Deprecated: use `"):
            continue
        told, _, rest = said.partition("\nArgs:\n")
        assert told.strip()
        for name in inspect.signature(method).parameters:
            assert f"\n    {name}: " in f"\n{rest}", name
        assert "\nRaises:\n" in rest
        gives = inspect.signature(method).return_annotation
        assert ("\nReturns:\n" in rest) is (gives != "None")


@pytest.mark.parametrize("path", [path for path in EVERYTHING if path not in NEVER_WRAPPED | VERBS])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_raw_and_streaming_forms_are_offered_on_every_method(path: str, wrapper: str) -> None:
    above, _, name = path.rpartition(".")
    for client in (sync_client, async_client):
        assert callable(resolve(client, f"{wrapper}.{path}"))
        resource = resolve(client, above) if above else client
        assert callable(resolve(resource, f"{wrapper}.{name}"))
