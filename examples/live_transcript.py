"""Transcribe live audio whose ends the caller knows, such as push-to-talk.

The audio is a recording here; ``cartesia.audio.Microphone(16000)`` gives the same kind of pieces.
"""

from cartesia import Cartesia

with Cartesia() as client:
    recording = client.tts.generate(
        model_id="sonic-3",
        transcript="Please turn on the light.",
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 16000},
    )
    with client.stt.manual_finalize.websocket(
        model="ink-2", encoding="pcm_s16le", sample_rate=16000
    ) as connection:
        for piece in recording.iter_bytes(3200):  # 100 ms
            connection.send_raw(piece)
        connection.send("finalize")  # the key was released: give the rest
        connection.send("close")
        text = ""
        for event in connection:
            if event.type == "transcript":
                print("final  " if event.is_final else "so far ", text + event.text)
                text += event.text if event.is_final else ""
