"""Write speech and its subtitles, from the times of the words."""

from pathlib import Path

from cartesia import Cartesia
from cartesia.audio import to_wav
from cartesia.subtitles import cues, to_srt

with Cartesia() as client:
    events = list(
        client.tts.generate_sse(
            model_id="sonic-3",
            transcript="Every word knows its time. So every line does, too.",
            voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
            output_format={"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
            add_timestamps=True,
        )
    )
    Path("said.wav").write_bytes(to_wav(events, sample_rate=24000))
    subtitles = to_srt(cues(events))
    Path("said.srt").write_text(subtitles, "utf-8")
    print(subtitles)
