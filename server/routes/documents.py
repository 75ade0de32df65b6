"""Own documents: in by upload or URL, out by id. They are searched beside the corpus, never louder than it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, status
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError
from starlette.datastructures import UploadFile

from knowledge.gather import Upload
from server.deps import CallerDep
from server.ingesting import Ingesting
from server.problems import documented
from server.wire import Request as Sent
from server.wire import Shown, Text

router = APIRouter(tags=["documents"])

_MOST = 100
Url = Annotated[Text, Field(max_length=2_000, pattern=r"^https?://[^\s]+$")]


class Addresses(Sent):
    """Documents to fetch."""

    urls: list[Url] = Field(min_length=1, max_length=_MOST)


class IngestionOut(Shown):
    """How far the taking in of documents has come."""

    id: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int
    total: int
    message: str
    library: str | None = Field(description="The version of the library that holds them, once done.")
    documents: list[dict[str, Any]] = Field(description="What became of each, once done.")
    created_at: datetime
    changed_at: datetime


_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": Addresses.model_json_schema(), "example": {"urls": ["https://a.example/b.pdf"]}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1}
                },
            }
        },
    },
}


async def _ingesting(request: Request) -> Ingesting:
    ingesting: Ingesting = request.app.state.ingesting
    return ingesting


async def _inputs(request: Request) -> list[str | Upload]:
    """What is to be taken in: uploads of a form, or the URLs of a JSON object. Never a path of this machine."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return list(_addresses(await request.body()).urls)
    async with request.form(max_files=_MOST, max_fields=_MOST) as form:
        uploads: list[str | Upload] = []
        for name, value in form.multi_items():
            if name != "file" or not isinstance(value, UploadFile) or not value.filename:
                raise _refused(("body", name), "Send files only, each as a part named file with a file name.")
            uploads.append(Upload(value.filename, await value.read(), value.content_type))
    if not uploads:
        raise _refused(("body", "file"), "Send at least one file as a part named file.")
    return uploads


def _addresses(body: bytes) -> Addresses:
    try:
        return Addresses.model_validate(json.loads(body))
    except ValidationError as error:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
    except (ValueError, RecursionError) as error:
        raise _refused(("body",), "Send files as multipart/form-data, or a JSON object with urls.") from error


def _refused(where: tuple[str, ...], message: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": where, "msg": message}])


IngestingDep = Annotated[Ingesting, Depends(_ingesting)]
Inputs = Annotated[list[str | Upload], Depends(_inputs)]
IngestionId = Annotated[str, Path(pattern=r"^ing_[A-Za-z0-9_-]{1,64}$")]


@router.post(
    "/v1/documents",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(400, 409, 413),
    openapi_extra={"requestBody": _BODY},
)
async def take_in(request: Request, caller: CallerDep, ingesting: IngestingDep, inputs: Inputs) -> IngestionOut:
    """Take in documents (txt, md, html, pdf, docx): uploads, or URLs to fetch. Questions go on meanwhile."""
    ingestion_id = await ingesting.begin(inputs, caller.owner)
    return await _read(request, ingestion_id, caller.sees)


@router.get("/v1/ingestions/{ingestion_id}", responses=documented(404))
async def read_ingestion(request: Request, caller: CallerDep, ingestion_id: IngestionId) -> IngestionOut:
    """How far it is, and what became of each document."""
    return await _read(request, ingestion_id, caller.sees)


@router.delete("/v1/sources/{source_id:path}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(404, 409))
async def take_out(ingesting: IngestingDep, source_id: str) -> None:
    """Take an own document out of the library."""
    await ingesting.remove(source_id)


async def _read(request: Request, ingestion_id: str, owner: str | None) -> IngestionOut:
    found = await request.app.state.service.state.ingestions.get(ingestion_id, owner=owner)
    return IngestionOut.model_validate(found)
