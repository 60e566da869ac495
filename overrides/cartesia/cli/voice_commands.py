"""``cartesia-voice voices``: the catalogue, and the voices of the account."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, cast

import typer

from cartesia.cli.failures import NOT_FOUND, CommandError
from cartesia.cli.files import check_input, check_output, open_output
from cartesia.cli.session import JsonFlag, MockFlag, check_value, open_client, open_speaking_client
from cartesia.cli.terminal import is_terminal, note, progress, to_json, write, write_table
from cartesia.cli.voice_search import find_voice

if TYPE_CHECKING:
    from cartesia import Cartesia, Model
    from cartesia.types import (
        Gender,
        GenderPresentation,
        GenderSpecifier,
        LocalizeDialect,
        LocalizeTargetLanguage,
        SupportedLanguage,
    )

app = typer.Typer(help="List, clone, localize, change, delete and hear voices.")

VoiceArgument = Annotated[str, typer.Argument(metavar="VOICE", help="Name or id of the voice.")]


@app.callback(invoke_without_command=True)
def list_voices(
    context: typer.Context,
    *,
    language: Annotated[
        Optional[str],
        typer.Option("--language", "-l", metavar="CODE", help="Such as en, or en-GB."),
    ] = None,
    gender: Annotated[
        Optional[str], typer.Option(metavar="NAME", help="masculine, feminine or gender_neutral.")
    ] = None,
    search: Annotated[
        Optional[str],
        typer.Option("--search", "-s", metavar="TEXT", help="In names and descriptions."),
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only those of the account.")] = False,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """List voices, or do something with one of them."""
    if context.invoked_subcommand is not None:
        return
    from cartesia import omit

    if gender is not None:
        check_value("--gender", gender, "GenderPresentation")
    with open_client(mock=mock) as client, progress("listing voices"):
        page = client.voices.list(
            limit=100,
            language=language or omit,
            gender=cast("GenderPresentation", gender) if gender else omit,
            q=search or omit,
            is_owner=True if mine else omit,
        )
        voices = list(page)
    if json:
        write(to_json(voices))
        return
    if not voices:
        note("no voice is like this")
        return
    rows = [
        (voice.id, voice.name, voice.language, voice.gender or "", voice.description)
        for voice in voices
    ]
    write_table(("Id", "Name", "Language", "Gender", "Description"), rows)


@app.command()
def show(voice: VoiceArgument, *, mock: MockFlag = False, json: JsonFlag = False) -> None:
    """Show all that is known of a voice."""
    with open_client(mock=mock) as client:
        _write_voice(client.voices.get(find_voice(client, voice)), json=json)


@app.command()
def clone(
    clip: Annotated[
        Path, typer.Argument(metavar="FILE", help="A recording of a few seconds; - is a pipe.")
    ],
    *,
    name: Annotated[str, typer.Option("--name", "-n", metavar="TEXT", help="Of the new voice.")],
    language: Annotated[
        str, typer.Option("--language", "-l", metavar="CODE", help="Of the recording.")
    ] = "en",
    description: Annotated[
        Optional[str], typer.Option("--description", "-d", metavar="TEXT", help="What it is like.")
    ] = None,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Make a voice from a recording."""
    from cartesia import omit

    _check_name(name)
    check_input(clip)
    check_value("--language", language, "SupportedLanguage")
    with open_client(mock=mock) as client, progress("cloning"):
        made = client.voices.clone(
            clip=("stdin", sys.stdin.buffer.read()) if str(clip) == "-" else clip,
            name=name,
            language=cast("SupportedLanguage", language),
            description=description or omit,
        )
    _write_voice(made, json=json)


@app.command()
def localize(
    voice: VoiceArgument,
    *,
    language: Annotated[
        str, typer.Option("--language", "-l", metavar="CODE", help="The language to speak.")
    ],
    gender: Annotated[
        str, typer.Option(metavar="NAME", help="That of the original speaker: male or female.")
    ],
    name: Annotated[
        Optional[str],
        typer.Option("--name", "-n", metavar="TEXT", help="By default that of the voice."),
    ] = None,
    description: Annotated[
        Optional[str],
        typer.Option("--description", "-d", metavar="TEXT", help="By default that of the voice."),
    ] = None,
    dialect: Annotated[
        Optional[str], typer.Option(metavar="NAME", help="Such as uk, us or mx.")
    ] = None,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Make a voice that speaks another language."""
    from cartesia import omit

    _check_name(name)
    check_value("--language", language, "LocalizeTargetLanguage")
    check_value("--gender", gender, "Gender")
    if dialect is not None:
        check_value("--dialect", dialect, "LocalizeDialect")
    with open_client(mock=mock) as client, progress("localizing"):
        original = client.voices.get(find_voice(client, voice))
        made = client.voices.localize(
            voice_id=original.id,
            name=name or original.name,
            description=description or original.description,
            language=cast("LocalizeTargetLanguage", language),
            original_speaker_gender=cast("Gender", gender),
            dialect=cast("LocalizeDialect", dialect) if dialect else omit,
        )
    _write_voice(made, json=json)


@app.command()
def update(
    voice: VoiceArgument,
    *,
    name: Annotated[
        Optional[str], typer.Option("--name", "-n", metavar="TEXT", help="The new name.")
    ] = None,
    description: Annotated[
        Optional[str], typer.Option("--description", "-d", metavar="TEXT", help="What it is like.")
    ] = None,
    gender: Annotated[
        Optional[str], typer.Option(metavar="NAME", help="masculine, feminine or gender_neutral.")
    ] = None,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Change the name, the description or the gender of a voice."""
    from cartesia import omit

    if name is None and description is None and gender is None:
        raise typer.BadParameter("nothing to change: give --name, --description or --gender")
    _check_name(name)
    if gender is not None:
        check_value("--gender", gender, "GenderSpecifier")
    with open_client(mock=mock) as client:
        changed = client.voices.update(
            find_voice(client, voice, whole=True),
            name=omit if name is None else name,
            description=omit if description is None else description,
            gender=cast("GenderSpecifier", gender) if gender else omit,
        )
    _write_voice(changed, json=json)


@app.command()
def delete(
    voice: VoiceArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Delete a voice of the account."""
    with open_client(mock=mock) as client:
        found = client.voices.get(find_voice(client, voice, whole=True))
        if not yes:
            if not (sys.stdin.isatty() and is_terminal()):
                raise typer.BadParameter("nobody can be asked here: give --yes to delete it")
            if not typer.confirm(f"Delete the voice {found.name} ({found.id})?"):
                raise typer.Exit
        client.voices.delete(found.id)
    if json:
        write(to_json({"id": found.id, "deleted": True}))
    else:
        write(f"deleted {found.name} ({found.id})")


@app.command()
def preview(
    voice: VoiceArgument,
    *,
    output: Annotated[
        Optional[str],
        typer.Option("--output", "-o", metavar="FILE", help="Write it; - is a pipe."),
    ] = None,
    play: Annotated[
        bool, typer.Option("--play", help="Play it; this is the default without --output.")
    ] = False,
    mock: MockFlag = False,
    json: JsonFlag = False,
) -> None:
    """Hear a sample of a voice, which costs nothing."""
    check_output(output)
    with open_speaking_client(mock=mock) as client:
        with progress("fetching the sample"):
            sound = _sample(client, find_voice(client, voice))
        ending = ".wav" if sound.startswith(b"RIFF") else ".mp3"
        if Path(output or "").suffix.lower() not in {"", ending}:
            name = Path(output or "").with_suffix(ending)
            raise CommandError(f"the sample is a {ending} file: write it with -o {name}")
        if play or output is None:
            from cartesia.audio import AudioError
            from cartesia.audio import play as play_sound

            try:
                play_sound(sound)
            except AudioError as error:
                raise CommandError(f"{error}; or write a file: -o FILE") from error
        if output is not None:
            with open_output(output) as file:
                file.write(sound)
    if json and output != "-":
        write(to_json({"output": output, "bytes": len(sound)}))


def _check_name(name: Optional[str]) -> None:
    """Check that a voice will have a name to be found by.

    Raises:
        BadParameter: It is empty.
    """
    if name is not None and not name.strip():
        raise typer.BadParameter("--name is empty")


def _sample(client: "Cartesia", voice: str) -> bytes:
    """Get the sample of a voice.

    Raises:
        CommandError: There is none.
    """
    url = client.voices.get(voice, expand=["preview_file_url"]).preview_file_url
    if not url:
        raise CommandError(
            f"this voice has no sample: cartesia-voice speak --voice {voice} TEXT", NOT_FOUND
        )
    path = url[len(client.base_url) :]
    # The sample needs the same credentials, which no other server may get.
    if not url.startswith(f"{client.base_url}/"):
        raise CommandError(f"the sample is at another server: {url}")
    return client.get(path, cast_to=bytes)


def _write_voice(voice: "Model", *, json: bool) -> None:
    """Write all fields of a voice."""
    if json:
        write(to_json(voice))
        return
    fields = {
        name.replace("_", " "): value if isinstance(value, str) else to_json(value, indent=None)
        for name, value in voice.to_dict().items()
        if value is not None
    }
    write_table(("", ""), list(fields.items()))
