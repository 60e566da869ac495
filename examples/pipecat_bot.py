"""A Pipecat bot that says what it has heard, for any transport of Pipecat.

Needs ``pipecat-ai[cartesia]`` and CARTESIA_API_KEY. Put a language model in place of `Echo`.
"""

import os

from pipecat.frames.frames import Frame, TranscriptionFrame, TTSSpeakFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.cartesia.turns.stt import CartesiaTurnsSTTService
from pipecat.transports.base_transport import BaseTransport
from pipecat.workers.runner import WorkerRunner

URL = os.environ.get("CARTESIA_BASE_URL", "https://api.cartesia.ai").replace("http", "ws", 1)
VOICE = CartesiaTTSService.Settings(voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b")


class Echo(FrameProcessor):
    """Repeats each turn of the user."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer a transcript, and hand on everything else."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TranscriptionFrame):
            frame = TTSSpeakFrame(f"You said: {frame.text}")
        await self.push_frame(frame, direction)


async def converse(transport: BaseTransport) -> None:
    """Listen and speak until the transport ends."""
    key = os.environ["CARTESIA_API_KEY"]
    ears = CartesiaTurnsSTTService(api_key=key, url=f"{URL}/stt/turns/websocket")
    voice = CartesiaTTSService(api_key=key, url=f"{URL}/tts/websocket", settings=VOICE)
    runner = WorkerRunner()
    steps = [transport.input(), ears, Echo(), voice, transport.output()]
    await runner.add_workers(PipelineWorker(Pipeline(steps)))
    await runner.run()
