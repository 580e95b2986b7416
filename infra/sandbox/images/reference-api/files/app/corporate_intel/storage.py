"""The object store: reports and documents, each in a bucket of its own."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .settings import Settings


class BucketMissing(Exception):
    """A bucket that the service needs is not there."""


class Storage:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.documents = settings.MINIO_BUCKET_DOCUMENTS
        self.reports = settings.MINIO_BUCKET_REPORTS
        self._making = threading.Lock()

    @cached_property
    def _client(self) -> Any:
        # Half a second of imports, which the start of the service need not wait for.
        import boto3
        from botocore.config import Config

        scheme = "https" if self._settings.MINIO_USE_SSL else "http"
        return boto3.client(
            "s3",
            endpoint_url=f"{scheme}://{self._settings.MINIO_ENDPOINT}",
            aws_access_key_id=self._settings.MINIO_ACCESS_KEY,
            aws_secret_access_key=self._settings.MINIO_SECRET_KEY.get_secret_value(),
            region_name="us-east-1",
            config=Config(
                connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}
            ),
        )

    def client(self) -> Any:
        with self._making:
            return self._client

    def names(self, bucket: str) -> list[dict[str, Any]]:
        """What lies in a bucket: its first thousand objects."""
        found = self.client().list_objects_v2(Bucket=bucket).get("Contents", [])
        return [{"name": item["Key"], "size": item["Size"]} for item in found]

    def put(self, bucket: str, name: str, content: bytes) -> None:
        self.client().put_object(Bucket=bucket, Key=name, Body=content)

    def ask(self) -> None:
        """Raises what is wrong, if the store does not answer or lacks a bucket."""
        there = {bucket["Name"] for bucket in self.client().list_buckets()["Buckets"]}
        missing = {self.documents, self.reports} - there
        if missing:
            raise BucketMissing(f"no bucket {' and no bucket '.join(sorted(missing))}")
