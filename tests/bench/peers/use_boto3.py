"""boto3, as `clients` asks of it."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

url, ca, deed, place, local = sys.argv[1:]
client = boto3.client(
    "s3",
    endpoint_url=url,
    verify=ca or None,
    config=Config(
        s3={"addressing_style": "path"},
        max_pool_connections=32,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    ),
)
part = 16 * 1024**2
parts = TransferConfig(part, max_concurrency=8, multipart_chunksize=part)
single = TransferConfig(64 * 1024**2, use_threads=False)


def keys() -> list[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="b", Prefix=place)
    return [row["Key"] for page in pages for row in page.get("Contents", [])]


def put(file: Path) -> None:
    client.upload_file(str(file), "b", place + file.name, Config=single)


def get(key: str) -> None:
    client.download_file("b", key, str(Path(local) / Path(key).name), Config=single)


match deed:
    case "put":
        client.upload_file(local, "b", place, Config=parts)
    case "get":
        client.download_file("b", place, local, Config=parts)
    case "put-many":
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(put, Path(local).iterdir()))
    case "get-many":
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(get, keys()))
    case "delete-many":
        found = keys()
        for first in range(0, len(found), 1000):
            doomed = [{"Key": key} for key in found[first : first + 1000]]
            client.delete_objects(Bucket="b", Delete={"Objects": doomed, "Quiet": True})
    case "list":
        for key in keys():
            print(key)
