"""Change the emotion in the middle of a context, and see by flushes what is spoken how far."""

from cartesia import Cartesia

LINES = (("I have good news.", "excited"), ("And then there is the other news.", "sad"))

with Cartesia() as client, client.tts.websocket_connect() as connection:
    context = connection.context(
        model_id="sonic-3",
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
    )
    for text, emotion in LINES:
        context.push(text + " ", generation_config={"emotion": emotion}, flush=True)
    context.no_more_inputs()
    size, finished = 0, 0
    for event in context.receive():
        if event.type == "chunk" and event.audio:
            size += len(event.audio)
        elif event.type == "flush_done":
            text, emotion = LINES[finished]
            print(f"{emotion}: {text} ({size / 48000:.2f} s)")
            size, finished = 0, finished + 1
