"""The handlers of datasets and of the files in them."""

from __future__ import annotations

import asyncio

from starlette.responses import JSONResponse, Response

from cartesia_mock import instants
from cartesia_mock.call import Call, Handler
from cartesia_mock.jsontypes import Fields, JSONObject
from cartesia_mock.paging import page
from cartesia_mock.state import make_id

_NO_NAME = "upload"


async def list_datasets(call: Call) -> Response:
    """Answer with a page of the datasets."""
    found = call.mock.state.datasets.list()
    return JSONResponse(page(found, call.query, call.mock.settings.page_size))


async def create(call: Call) -> Response:
    """Make an empty dataset."""
    dataset: JSONObject = {
        "id": make_id("ds"),
        "name": call.body.text("name"),
        "created_at": instants.write(call.mock.clock.now()),
        "description": call.body.text("description"),
    }
    call.mock.state.datasets.add(Fields(dataset).text("id"), dataset)
    return JSONResponse(dataset)


async def retrieve(call: Call) -> Response:
    """Answer with one dataset."""
    return JSONResponse(call.mock.state.datasets.get(call.path.text("id")))


async def update(call: Call) -> Response:
    """Give a dataset another name and description."""
    changes: JSONObject = {
        "name": call.body.text("name"),
        "description": call.body.text("description"),
    }
    call.mock.state.datasets.change(call.path.text("id"), changes)
    return Response(status_code=204)


async def delete(call: Call) -> Response:
    """Delete a dataset with its files."""
    state = call.mock.state
    dataset_id = call.path.text("id")
    state.datasets.remove(dataset_id)
    state.files.remove_all(parent=dataset_id)
    return Response(status_code=204)


async def list_files(call: Call) -> Response:
    """Answer with a page of the files of a dataset."""
    state = call.mock.state
    dataset_id = call.path.text("id")
    state.datasets.get(dataset_id)
    found = state.files.list(parent=dataset_id)
    return JSONResponse(page(found, call.query, call.mock.settings.page_size))


async def upload(call: Call) -> Response:
    """Put a file into a dataset; it is kept as it came."""
    state = call.mock.state
    dataset_id = call.path.text("id")
    state.datasets.get(dataset_id)
    file = call.file("file")
    described: JSONObject = {
        "id": make_id("file"),
        "filename": file.filename or _NO_NAME,
        "created_at": instants.write(call.mock.clock.now()),
        "size": len(file.content),
    }
    await asyncio.to_thread(
        state.files.add,
        Fields(described).text("id"),
        described,
        parent=dataset_id,
        content=file.content,
    )
    return Response(status_code=204)


async def delete_file(call: Call) -> Response:
    """Take a file out of a dataset."""
    state = call.mock.state
    dataset_id, file_id = call.path.text("id"), call.path.text("fileID")
    state.datasets.get(dataset_id)
    state.files.get(file_id, parent=dataset_id)
    state.files.remove(file_id)
    return Response(status_code=204)


HANDLERS: dict[str, Handler] = {
    "datasets.list": list_datasets,
    "datasets.create": create,
    "datasets.retrieve": retrieve,
    "datasets.update": update,
    "datasets.delete": delete,
    "datasets.files.list": list_files,
    "datasets.files.upload": upload,
    "datasets.files.delete": delete_file,
}
"""What answers each operation, by operationId."""
