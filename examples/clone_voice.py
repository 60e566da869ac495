"""Clone a voice from about five seconds of speech, speak with it, and delete it again."""

from pathlib import Path

from cartesia import Cartesia
from cartesia.types import WAVOutputFormatParam

WAV: WAVOutputFormatParam = {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100}

with Cartesia() as client:
    recording = client.tts.generate(  # in place of a recording of yours
        model_id="sonic-3",
        transcript="This is how I sound, and I will go on for some seconds so that it is enough.",
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format=WAV,
    )
    recording.write_to_file("me.wav")

    voice = client.voices.clone(clip=Path("me.wav"), name="Me", language="en")
    print("cloned:", voice.name, voice.id)
    speech = client.tts.generate(
        model_id="sonic-3", transcript="Is that my voice?", voice=voice.id, output_format=WAV
    )
    speech.write_to_file("cloned.wav")
    client.voices.delete(voice.id)
