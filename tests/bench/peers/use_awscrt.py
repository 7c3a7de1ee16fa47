"""awscrt's S3 client, as `clients` asks of it."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from awscrt.auth import AwsCredentialsProvider
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import (
    ClientBootstrap,
    ClientTlsContext,
    DefaultHostResolver,
    EventLoopGroup,
    TlsConnectionOptions,
    TlsContextOptions,
)
from awscrt.s3 import (
    S3Client,
    S3RequestTlsMode,
    S3RequestType,
    create_default_s3_signing_config,
)

url, ca, deed, place, local = sys.argv[1:]
parsed = urlsplit(url)
loops = EventLoopGroup(2)
provider = AwsCredentialsProvider.new_static(
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
)
tls: dict[str, object] = {"tls_mode": S3RequestTlsMode.DISABLED}
if ca:
    options = TlsContextOptions()
    options.override_default_trust_store_from_path(None, ca)
    connection: TlsConnectionOptions = ClientTlsContext(options).new_connection_options()
    connection.set_server_name(parsed.hostname)
    tls = {"tls_mode": S3RequestTlsMode.ENABLED, "tls_connection_options": connection}
client = S3Client(
    bootstrap=ClientBootstrap(loops, DefaultHostResolver(loops)),
    region="us-east-1",
    signing_config=create_default_s3_signing_config(
        region="us-east-1", credential_provider=provider
    ),
    part_size=16 * 1024**2,
    throughput_target_gbps=10.0,
    **tls,
)
headers = HttpHeaders([("Host", parsed.netloc)])
if deed == "put":
    headers.add("Content-Length", str(os.path.getsize(local)))
    request = client.make_request(
        request=HttpRequest("PUT", f"/b/{place}", headers),
        type=S3RequestType.PUT_OBJECT,
        send_filepath=local,
    )
else:
    request = client.make_request(
        request=HttpRequest("GET", f"/b/{place}", headers),
        type=S3RequestType.GET_OBJECT,
        recv_filepath=local,
    )
request.finished_future.result(300)
