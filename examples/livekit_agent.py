"""A LiveKit agent that says what it has heard: ``python livekit_agent.py console``.

Needs livekit-plugins-cartesia and CARTESIA_API_KEY. To converse, give the session an ``llm``.
"""

import os

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli, llm
from livekit.plugins import cartesia

URL = os.environ.get("CARTESIA_BASE_URL", "https://api.cartesia.ai")
server = AgentServer()


class Echo(Agent):
    """Greets, and repeats each turn of the user."""

    async def on_enter(self) -> None:
        """Speak first."""
        self.session.say("Hello! Please say something.")

    async def on_user_turn_completed(self, _: object, new_message: llm.ChatMessage) -> None:
        """Answer what was said."""
        self.session.say(f"You said: {new_message.text_content}")


def make_session() -> AgentSession[None]:
    """Let the speech recognition tell the turns."""
    ears, voice = cartesia.STT(base_url=URL), cartesia.TTS(base_url=URL)
    return AgentSession(stt=ears, tts=voice, vad=None, turn_handling={"turn_detection": "stt"})


@server.rtc_session()
async def talk(job: JobContext) -> None:
    """Join the room of the job."""
    await make_session().start(Echo(instructions=""), room=job.room)


if __name__ == "__main__":
    cli.run_app(server)
