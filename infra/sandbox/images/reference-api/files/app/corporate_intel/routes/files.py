"""Reports, which everybody may list, and documents, for users only. Both lie in the object store."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Body, Depends, HTTPException, Path
from sqlalchemy.dialects.postgresql import insert

from ..service import Service, service_of, signed_in, within_limit
from ..tables import documents

router = APIRouter(prefix="/api/v1", dependencies=[Depends(within_limit)])


def _listed(service: Service, bucket: str) -> list[dict[str, Any]]:
    try:
        return service.storage.names(bucket)
    except Exception as error:
        raise HTTPException(503, "the object store does not answer") from error


@router.get("/reports")
def reports(service: Service = Depends(service_of)) -> dict[str, Any]:
    return {"reports": _listed(service, service.storage.reports)}


@router.get("/documents", dependencies=[Depends(signed_in)])
def listed(service: Service = Depends(service_of)) -> dict[str, Any]:
    return {"documents": _listed(service, service.storage.documents)}


@router.put("/documents/{name}", status_code=201)
def stored(
    name: str = Path(..., regex=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$"),
    content: bytes = Body(..., media_type="application/octet-stream", max_length=10 * 1024 * 1024),
    username: str = Depends(signed_in),
    service: Service = Depends(service_of),
) -> dict[str, Any]:
    """Stores the content, then its record: a record always has its content."""
    record = {
        "name": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "uploaded_by": username,
    }
    try:
        service.storage.put(service.storage.documents, name, content)
    except Exception as error:
        raise HTTPException(503, "the object store does not answer") from error
    with service.database.begin() as connection:
        connection.execute(insert(documents).values(record).on_conflict_do_update(index_elements=["name"], set_=record))
    return record
