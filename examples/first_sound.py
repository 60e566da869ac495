"""Say a sentence into a WAV file: the first thing to try.

Needs CARTESIA_API_KEY; or CARTESIA_BASE_URL too, with the address of a mock server.
"""

from cartesia import Cartesia

with Cartesia() as client:
    speech = client.tts.generate(
        model_id="sonic-3",
        transcript="Hello, world!",
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format={"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100},
    )
    speech.write_to_file("hello.wav")
    print("hello.wav is written")
