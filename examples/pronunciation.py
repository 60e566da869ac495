"""Teach the voice how a name is said, with a pronunciation dictionary."""

from cartesia import Cartesia

with Cartesia() as client:
    dictionary = client.pronunciation_dicts.create(
        name="Names", items=[{"text": "Nguyen", "alias": "win"}]
    )
    for said_right in (False, True):
        speech = client.tts.generate(
            model_id="sonic-3",
            transcript="Mister Nguyen is here.",
            voice="6ccbfb76-1fc6-48f7-b71d-91ac6298247b",
            output_format={"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100},
            pronunciation_dict_id=dictionary.id if said_right else None,
        )
        speech.write_to_file("right.wav" if said_right else "wrong.wav")
    client.pronunciation_dicts.delete(dictionary.id)
    print("compare wrong.wav with right.wav")
