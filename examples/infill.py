"""Replace the middle of a recording: speech that fits what comes before and after it."""

from pathlib import Path

from cartesia import Cartesia
from cartesia.types import WAVOutputFormatParam

VOICE = "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"
WAV: WAVOutputFormatParam = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100}

with Cartesia() as client:
    for name, text in (("before.wav", "The train to Berlin"), ("after.wav", "from platform four.")):
        clip = client.tts.generate(
            model_id="sonic-3", transcript=text, voice=VOICE, output_format=WAV
        )
        clip.write_to_file(name)

    between = client.tts.infill(
        model_id="sonic-2",
        transcript="leaves at half past nine",
        voice_id=VOICE,
        left_audio=Path("before.wav"),
        right_audio=Path("after.wav"),
        output_format=WAV,
    )
    between.write_to_file("between.wav")
    print("before.wav, between.wav, after.wav")
