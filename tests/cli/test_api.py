"""``api``: every operation of the document, with its arguments as text and its result as JSON."""

from __future__ import annotations

import inspect
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cartesia import Cartesia
from cartesia.cli import main
from cartesia.cli.api_methods import ApiMethod, FieldType, api_methods
from cartesia_mock.testing import serve
from tests.cli.conftest import Voice
from tests.overrides.speaking import VOICE

DOCUMENT = Path(__file__).parents[2] / "mock/cartesia_mock/openapi.json"
RAW = '{"container": "raw", "encoding": "pcm_s16le", "sample_rate": 8000}'
METHODS = {method.name: method for method in api_methods(Cartesia(api_key="none"))}
SOCKETS = {name for name, method in METHODS.items() if method.path.endswith("websocket")}
VALUES = {
    "voice": VOICE,
    "voice_id": VOICE,
    "base_voice_id": VOICE,
    "output_format": RAW,
    "language": "en",
    "model_id": "sonic-3",
    "original_speaker_gender": "female",
    "model": "ink-whisper",
}


def documented() -> dict[str, tuple[str, str]]:
    paths = json.loads(DOCUMENT.read_text())["paths"]
    return {
        operation["operationId"].removeprefix("client."): (verb.upper(), path)
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


def test_every_operation_of_the_document_is_listed_and_nothing_else(voice: Voice) -> None:
    listed = json.loads(voice("api", "--list", "--json").text)
    found = {entry["name"]: (entry["method"], entry["path"]) for entry in listed}
    assert found.pop("tts.stream") == ("GET", "/tts/websocket")  # the WebSocket in one call
    assert found == documented()
    assert all(entry["summary"] for entry in listed)
    rows = [line.split("\t") for line in voice("api", "--list").lines]
    assert ["voices.get", "Get one voice.", "GET /voices/{id}"] in rows


def test_no_field_has_the_name_of_an_option() -> None:
    taken = {"mock", "json", "output", "all", "list", "help", "audio"}
    for method in METHODS.values():
        assert not taken & set(inspect.signature(method.call).parameters), method.name


@pytest.fixture(scope="module")
def examples() -> Iterator[str]:
    with serve(examples=True) as url:
        yield url


def required(method: ApiMethod, recording: Path) -> list[str]:
    words: list[str] = []
    for parameter in inspect.signature(method.call).parameters.values():
        if parameter.default is parameter.empty:
            kind = FieldType(str(parameter.annotation))
            value = str(recording) if "file" in kind.kinds else VALUES.get(parameter.name, "some")
            words += [f"--{parameter.name.replace('_', '-')}", value]
    return words


@pytest.mark.parametrize("name", sorted(METHODS.keys() - SOCKETS))
def test_every_operation_is_called_with_its_fields(
    name: str,
    examples: str,
    hello: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("CARTESIA_BASE_URL", examples)
    monkeypatch.setenv("CARTESIA_API_KEY", "good")
    fields = required(METHODS[name], hello)
    if name == "tts.infill":
        fields += ["--left-audio", str(hello)]
    handler = signal.getsignal(signal.SIGTERM)
    try:
        code = main(["api", name, *fields])  # in this process, since there are so many
    finally:
        signal.signal(signal.SIGTERM, handler)
    output, errors = capsysbinary.readouterr()
    assert (code, errors) == (0, b"")
    assert output or METHODS[name].verb != "GET"


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_operation_has_help_of_80_columns(name: str) -> None:
    text = METHODS[name].help("cartesia-voice api")
    for field in inspect.signature(METHODS[name].call).parameters:
        assert f"--{field.replace('_', '-')} (" in text
    words = [line for line in text.splitlines() if len(line) >= 80]
    assert not [line for line in words if len(line.split()) > 2], words


def test_help_is_that_of_the_operation(voice: Voice) -> None:
    assert (
        "Usage: cartesia-voice api voices.get --id ..." in voice("api", "voices.get", "--help").text
    )
    general = voice("api", "--help")
    assert general.lines[0].startswith("Usage: cartesia-voice api ")
    assert voice("api").text == general.text


def test_values_are_given_by_position_by_name_and_with_an_equals_sign(voice: Voice) -> None:
    for arguments in ((VOICE,), ("--id", VOICE), (f"--id={VOICE}",)):
        run = voice("api", "voices.get", *arguments, "--expand", "preview_file_url")
        shown = json.loads(run.text)
        assert shown["name"] == "Katie"
        assert shown["preview_file_url"]


def test_lists_objects_flags_and_numbers_are_read(voice: Voice, hello: Path) -> None:
    page = json.loads(voice("api", "voices.list", "--is-owner", "--limit", "1").text)
    assert (len(page["data"]), page["data"][0]["is_owner"]) == (1, True)
    page = json.loads(voice("api", "voices.list", "--is_owner=false", "--limit=1").text)
    assert page["has_more"] is True
    words = ("--timestamp-granularities", "word")
    heard = voice("api", "stt.transcribe", "--file", str(hello), "--model", "ink-whisper", *words)
    assert len(json.loads(heard.text)["words"]) == 3
    piped = voice(
        "api", "stt.transcribe", "--file", "-", "--model", "ink-whisper", stdin=hello.read_bytes()
    )
    assert json.loads(piped.text)["text"] == json.loads(heard.text)["text"]
    made = voice(
        "api", "pronunciation_dicts.create", "--name", "d", "--items", '[{"text":"a","alias":"b"}]'
    )
    assert json.loads(made.text)["items"][0]["alias"] == "b"
    extra = voice("api", "voices.list", "--extra-query", '{"limit": 2}')
    assert len(json.loads(extra.text)["data"]) == 2


def test_all_pages_are_an_object_a_line(voice: Voice) -> None:
    lines = voice("api", "voices.list", "--all", "--limit", "10").lines
    assert len(lines) > 40
    assert all(json.loads(line)["id"] for line in lines)


def test_sound_goes_into_a_file_or_a_pipe_and_events_are_lines(voice: Voice) -> None:
    fields = (
        "--model-id",
        "sonic-3",
        "--transcript",
        "Hi.",
        "--voice",
        VOICE,
        "--output-format",
        RAW,
    )
    piped = voice("api", "tts.generate", *fields)
    assert voice("api", "tts.generate", *fields, "-o", "a.raw").text == ""
    assert voice.path("a.raw").read_bytes() == piped.output
    assert len(piped.output) > 1000
    events = [json.loads(line) for line in voice("api", "tts.generate_sse", *fields).lines]
    assert events[0]["type"] == "chunk"
    assert events[-1]["type"] == "done"
    streamed = voice("api", "tts.stream", "--transcript", "Hi.", "--voice", VOICE)
    assert json.loads(streamed.lines[-1])["type"] == "done"


def test_text_is_written_as_it_is(voice: Voice) -> None:
    assert voice("api", "agents.metrics.results.export").text.startswith("id,metricId")


def test_sockets_take_lines_and_audio_and_give_lines(voice: Voice, hello: Path) -> None:
    message = {
        "context_id": "c",
        "model_id": "sonic-3",
        "transcript": "Hi.",
        "voice": {"mode": "id", "id": VOICE},
        "output_format": json.loads(RAW),
    }
    said = voice("api", "tts.websocket_connect", stdin=json.dumps(message).encode() + b"\n")
    assert json.loads(said.lines[-1])["type"] == "done"
    form = ("--model", "ink-2", "--encoding", "pcm_s16le", "--sample-rate", "16000")
    audio = ("--audio", str(hello))
    manual = voice("api", "stt.manual_finalize.websocket", *form, *audio, stdin=b"close\n")
    assert (manual.code, json.loads(manual.lines[-1])["type"]) == (0, "done")
    turns = voice("api", "stt.auto_finalize.websocket", *form, *audio, stdin=b'{"type": "close"}\n')
    assert json.loads(turns.lines[-1])["transcript"] == "Hello there, world."


def test_an_error_event_of_a_socket_is_written_and_fails(voice: Voice) -> None:
    unknown = {"context_id": "c", "model_id": "sonic-3", "transcript": "Hi.", "voice": VOICE}
    refused = voice("api", "tts.websocket_connect", stdin=json.dumps(unknown).encode() + b"\n")
    event = json.loads(refused.lines[-1])
    assert (event["type"], refused.code) == ("error", 1)
    assert event["message"] in refused.errors
    form = ("--model", "ink-2", "--encoding", "pcm_s16le", "--sample-rate", "16000")
    lines = b"nonsense\nclose\n"
    manual = voice("api", "stt.manual_finalize.websocket", *form, stdin=lines)
    assert manual.code == 1
    assert {json.loads(line)["type"] for line in manual.lines} == {"error", "done"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("voices.lits",), "no operation voices.lits; the nearest are voices.list"),
        (("voices.get",), "voices.get needs --id"),
        (("voices.get", "a", "b"), "'b'"),
        (("voices.list", "--nothing", "1"), "voices.list has no field --nothing"),
        (("voices.list", "--limit", "two"), "--limit must be of the type: whole number"),
        (("voices.list", "--limit"), "--limit needs a value"),
        (("voices.list", "--is-owner", "1"), "true or false"),
        (("voices.list", "--extra-query", "{"), "JSON"),
        (("datasets.create", "--name", "x"), "needs --description"),
        (("stt.transcribe", "--model", "ink-whisper", "--file", "none.wav"), "No such file"),
    ],
)
def test_wrong_arguments_are_named(
    voice: Voice, arguments: tuple[str, ...], complaint: str
) -> None:
    run = voice("api", *arguments)
    assert run.code == (1 if "none.wav" in arguments else 2)
    assert complaint in run.errors
    assert run.errors.count("\n") == 1
