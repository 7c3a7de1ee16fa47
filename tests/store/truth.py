"""What a server really does, tried with another client than s4desk's own: one deed per capability.

A deed answers whether everything came out as S3 describes it. A refusal is a no.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from s4desk.core.domain.capability import Capability
from s4desk.core.wire.checksums import checksum
from tests.servers.client import s3_client, temporary_bucket

REFUSALS = (ClientError, BotoCoreError, OSError)
WRITERS, LAPS = 8, 8
STALE = "0" * 32
POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},'
    '"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::BUCKET/public/*"]}]}'
)


class Deeds:
    """Deeds in a bucket; `client` is botocore's, `virtual` puts the bucket into the host."""

    def __init__(self, client, virtual, endpoint, bucket):
        self.client, self.virtual, self.endpoint, self.bucket = client, virtual, endpoint, bucket

    def does(self, capability):
        deed = getattr(self, capability.name.lower(), None) or self._checksum(capability)
        try:
            return bool(deed())
        except REFUSALS:
            return False

    # Helpers

    def put(self, body=b"", key="", **how):
        key = key or uuid.uuid4().hex
        reply = self.client.put_object(Bucket=self.bucket, Key=key, Body=body, **how)
        return key, reply["ETag"].strip('"')

    def read(self, key, bucket=""):
        reply = self.client.get_object(Bucket=bucket or self.bucket, Key=key)
        with contextlib.closing(reply["Body"]) as body:
            return body.read()

    def is_there(self, key):
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix=key)
        return any(row["Key"] == key for row in listed.get("Contents", []))

    def upload(self, key, body):
        where = {"Bucket": self.bucket, "Key": key}
        where["UploadId"] = self.client.create_multipart_upload(**where)["UploadId"]
        part = self.client.upload_part(**where, PartNumber=1, Body=body)
        return where, {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}

    def refused(self, call, **how):
        """Whether it is refused as a condition that does not hold."""
        try:
            call(**how)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412)
        return False

    # Lists

    def list_buckets(self):
        return self.bucket in [row["Name"] for row in self.client.list_buckets()["Buckets"]]

    def list_versions(self):
        key, _ = self.put(b"x")
        listed = self.client.list_object_versions(Bucket=self.bucket, Prefix=key)
        return [row["Key"] for row in listed.get("Versions", [])] == [key]

    def list_uploads(self):
        where, _ = self.upload("upload", b"x")
        try:
            listed = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix="upload")
            return where["UploadId"] in [row["UploadId"] for row in listed.get("Uploads", [])]
        finally:
            self.client.abort_multipart_upload(**where)

    # Configurations, really written

    def versioning(self):
        with temporary_bucket(self.endpoint) as bucket:
            self.client.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
            )
            for body in (b"1", b"2"):
                self.client.put_object(Bucket=bucket, Key="k", Body=body)
            return len(self.client.list_object_versions(Bucket=bucket)["Versions"]) == 2

    def object_lock(self):
        with temporary_bucket(self.endpoint, lock=True) as bucket:
            put = self.client.put_object(
                Bucket=bucket, Key="k", Body=b"x", ObjectLockLegalHoldStatus="ON"
            )
            try:
                self.client.delete_object(Bucket=bucket, Key="k", VersionId=put["VersionId"])
            except ClientError:
                return True
            except KeyError:
                return False
            return False

    def lifecycle(self):
        rule = {
            "ID": "r",
            "Status": "Enabled",
            "Filter": {"Prefix": "x/"},
            "Expiration": {"Days": 9},
        }
        self.client.put_bucket_lifecycle_configuration(
            Bucket=self.bucket, LifecycleConfiguration={"Rules": [rule]}
        )
        there = self.client.get_bucket_lifecycle_configuration(Bucket=self.bucket)["Rules"]
        self.client.delete_bucket_lifecycle(Bucket=self.bucket)
        return there[0]["Expiration"] == {"Days": 9}

    def policy(self):
        policy = POLICY.replace("BUCKET", self.bucket)
        self.client.put_bucket_policy(Bucket=self.bucket, Policy=policy)
        there = self.client.get_bucket_policy(Bucket=self.bucket)["Policy"]
        self.client.delete_bucket_policy(Bucket=self.bucket)
        return "s3:GetObject" in there

    def cors(self):
        rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://web.test"]}
        self.client.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [rule]})
        there = self.client.get_bucket_cors(Bucket=self.bucket)["CORSRules"]
        self.client.delete_bucket_cors(Bucket=self.bucket)
        return there[0]["AllowedOrigins"] == ["https://web.test"]

    def encryption(self):
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self.client.put_bucket_encryption(
            Bucket=self.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]}
        )
        there = self.client.get_bucket_encryption(Bucket=self.bucket)
        self.client.delete_bucket_encryption(Bucket=self.bucket)
        return bool(there.get("ServerSideEncryptionConfiguration"))

    def bucket_tagging(self):
        tags = [{"Key": "a", "Value": "b"}]
        self.client.put_bucket_tagging(Bucket=self.bucket, Tagging={"TagSet": tags})
        there = self.client.get_bucket_tagging(Bucket=self.bucket)["TagSet"]
        self.client.delete_bucket_tagging(Bucket=self.bucket)
        return there == tags

    def replication(self):
        """With a destination, and all that AWS asks for; whether it arrives is another question."""
        with temporary_bucket(self.endpoint) as source, temporary_bucket(self.endpoint) as target:
            for bucket in (source, target):
                self.client.put_bucket_versioning(
                    Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
                )
            rule = {
                "ID": "r",
                "Status": "Enabled",
                "Priority": 1,
                "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": {"Status": "Disabled"},
                "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
            }
            role = "arn:aws:iam::123456789012:role/r"
            self.client.put_bucket_replication(
                Bucket=source, ReplicationConfiguration={"Role": role, "Rules": [rule]}
            )
            there = self.client.get_bucket_replication(Bucket=source)
            return bool(there.get("ReplicationConfiguration"))

    # Objects

    def copy(self):
        key, _ = self.put(b"original")
        self.client.copy_object(Bucket=self.bucket, Key=f"{key}-2", CopySource=self._source(key))
        return self.read(f"{key}-2") == b"original"

    def multipart(self):
        where, parts = self.upload("parts", b"in one part")
        self.client.complete_multipart_upload(**where, MultipartUpload=parts)
        return self.read("parts") == b"in one part"

    def multipart_copy(self):
        key, _ = self.put(b"0123456789")
        where = {"Bucket": self.bucket, "Key": f"{key}-2"}
        where["UploadId"] = self.client.create_multipart_upload(**where)["UploadId"]
        try:
            part = self.client.upload_part_copy(
                **where,
                PartNumber=1,
                CopySource=self._source(key),
                CopySourceRange="bytes=2-5",
            )
            etag = part.get("CopyPartResult", {}).get("ETag", "")
            parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
            self.client.complete_multipart_upload(**where, MultipartUpload=parts)
        except ClientError:
            self.client.abort_multipart_upload(**where)
            raise
        return self.read(where["Key"]) == b"2345"

    def batch_delete(self):
        keys = [self.put(b"x")[0] for _ in range(2)]
        self.client.delete_objects(
            Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in keys]}
        )
        return not any(map(self.is_there, keys))

    def object_tagging(self):
        key, _ = self.put(b"content")
        tags = [{"Key": "a", "Value": "b"}]
        self.client.put_object_tagging(Bucket=self.bucket, Key=key, Tagging={"TagSet": tags})
        there = self.client.get_object_tagging(Bucket=self.bucket, Key=key)["TagSet"]
        return there == tags and self.read(key) == b"content"

    # Conditions

    def put_if_absent(self):
        key, _ = self.put(b"first")
        where = {"Bucket": self.bucket, "Key": key, "Body": b"second", "IfNoneMatch": "*"}
        is_kept = self.refused(self.client.put_object, **where) and self.read(key) == b"first"
        return is_kept and all(self._race() == 1 for _ in range(LAPS))

    def _race(self):
        key, gate = uuid.uuid4().hex, threading.Barrier(WRITERS)

        def write(number):
            gate.wait()
            try:
                self.put(b"%d" % number, key, IfNoneMatch="*")
            except ClientError:
                return False
            return True

        with ThreadPoolExecutor(WRITERS) as threads:
            return sum(threads.map(write, range(WRITERS)))

    def put_if_match(self):
        return any(self._puts_if_match(spelling) for spelling in ('"{}"', "{}"))

    def _puts_if_match(self, spelling):
        key, etag = self.put(b"first")
        where = {"Bucket": self.bucket, "Key": key, "Body": b"second"}
        with contextlib.suppress(ClientError):
            if self.refused(self.client.put_object, **where, IfMatch=spelling.format(STALE)):
                self.client.put_object(**where, IfMatch=spelling.format(etag))
                return self.read(key) == b"second"
        return False

    def complete_if_absent(self):
        key, _ = self.put(b"first")
        where, parts = self.upload(key, b"second")
        call = self.client.complete_multipart_upload
        is_refused = self.refused(call, **where, MultipartUpload=parts, IfNoneMatch="*")
        return is_refused and self.read(key) == b"first"

    def copy_if_absent(self):
        source, _ = self.put(b"source")
        target, _ = self.put(b"target")

        def add(params, **_):
            params["headers"]["If-None-Match"] = "*"

        events = self.client.meta.events
        events.register("before-call.s3.CopyObject", add)
        try:
            where = {"Bucket": self.bucket, "Key": target, "CopySource": self._source(source)}
            is_refused = self.refused(self.client.copy_object, **where)
        finally:
            events.unregister("before-call.s3.CopyObject", add)
        return is_refused and self.read(target) == b"target"

    def copy_source_if_match(self):
        source, _ = self.put(b"source")
        return self.refused(
            self.client.copy_object,
            Bucket=self.bucket,
            Key=f"{source}-2",
            CopySource=self._source(source),
            CopySourceIfMatch=f'"{STALE}"',
        )

    def delete_if_match(self):
        key, etag = self.put(b"x")
        where = {"Bucket": self.bucket, "Key": key}
        delete = self.client.delete_object
        if not self.refused(delete, **where, IfMatch=f'"{STALE}"') or not self.is_there(key):
            return False
        delete(**where, IfMatch=f'"{etag}"')
        return not self.is_there(key)

    # Checksums

    def md5(self):
        right = base64.b64encode(hashlib.md5(b"right").digest()).decode()
        self.put(b"right", ContentMD5=right)
        try:
            self.put(b"wrong", ContentMD5=right)
        except ClientError:
            return True
        return False

    def _checksum(self, capability):
        algorithm = capability.value.rpartition("_")[2]
        member = f"Checksum{algorithm.upper()}"

        def deed():
            right = checksum(algorithm, b"right")
            key, _ = self.put(b"right", **{member: right})
            head = self.client.head_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
            if head.get(member) != right:
                return False
            try:
                self.put(b"wrong", **{member: right})
            except ClientError:
                return True
            return False

        return deed

    # Addresses and links

    def path_style(self):
        return self.read(self.put(b"x")[0]) == b"x"

    def virtual_host(self):
        key = uuid.uuid4().hex
        self.virtual.put_object(Bucket=self.bucket, Key=key, Body=b"by host")
        return self.is_there(key) and self.read(key) == b"by host"

    def presign(self):
        key, _ = self.put(b"linked")
        url = urlsplit(
            self.client.generate_presigned_url(
                "get_object", Params={"Bucket": self.bucket, "Key": key}, ExpiresIn=60
            )
        )
        with contextlib.closing(HTTPConnection(url.hostname, url.port, timeout=20)) as connection:
            connection.request("GET", f"{url.path}?{url.query}")
            reply = connection.getresponse()
            return (reply.status, reply.read()) == (200, b"linked")

    def _source(self, key):
        return {"Bucket": self.bucket, "Key": key}


@contextlib.contextmanager
def deeds(endpoint, bucket):
    """The deeds at an endpoint, in a bucket that is there."""
    virtual = s3_client(endpoint, s3={"addressing_style": "virtual"})
    with s3_client(endpoint, signature_version="s3v4") as client, virtual as by_host:
        yield Deeds(client, by_host, endpoint, bucket)


def everything(client, bucket):
    """All versions, keys and unfinished uploads, as the store lists them."""
    found = {}
    for call, member in (
        (client.list_objects_v2, "Contents"),
        (client.list_object_versions, "Versions"),
        (client.list_object_versions, "DeleteMarkers"),
        (client.list_multipart_uploads, "Uploads"),
    ):
        with contextlib.suppress(ClientError):
            found[member] = call(Bucket=bucket).get(member, [])
    return found


ALL = tuple(Capability)
