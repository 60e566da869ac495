"""Pass speech on to browsers as it is generated: ``fastapi run fastapi_app.py``.

One client serves all requests, and the key stays on the server.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from cartesia import AsyncCartesia


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the client with the application, and close it with it."""
    async with AsyncCartesia() as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/speech")
async def speech(text: str, request: Request) -> StreamingResponse:
    """Speak a text as MP3; a browser that goes away ends the generation."""
    client: AsyncCartesia = request.app.state.client
    answer = await client.tts.generate(
        model_id="sonic-3",
        transcript=text,
        voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
        output_format={"container": "mp3", "sample_rate": 44100, "bit_rate": 128000},
    )
    return StreamingResponse(answer.iter_bytes(), media_type="audio/mpeg")
