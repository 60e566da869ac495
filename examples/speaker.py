"""Play speech on the speaker while the server still generates it; Ctrl-C stops the sound.

Needs the extra ``audio`` (PortAudio), or ffplay or mpv.
"""

from cartesia import Cartesia
from cartesia.audio import play

TEXT = "You hear the beginning of this sentence before the end of it has been generated."

with (
    Cartesia() as client,
    client.tts.stream(
        transcript=TEXT,
        model_id="sonic-3",
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 44100},
    ) as stream,
):
    play(stream)
    print("played")
