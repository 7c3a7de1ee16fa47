"""The vendors and servers that s4desk knows: one table, pure data.

`has` and `lacks` hold what the vendor's own pages say; what is in neither is unknown until a probe
tells. Read in 2026: "S3 API compatibility" of Cloudflare R2, "S3-Compatible API" and "App
Keys" of Backblaze B2, "S3 API Reference" of Wasabi, "S3 Compatibility status" of Garage, "Spaces S3
Compatibility" and "Limits" of DigitalOcean, "List of supported actions" of Hetzner, "Supported API
calls" and "Multipart uploads" of Scaleway, "Technical Limitations" of OVHcloud, "S3 Compatibility"
and "Multipart Part Size" of Storj, the XML API reference of Google, "Multipart upload limits" of
AWS, the developer guide of IDrive e2, "S3 API Compatibility" of MinIO, Ceph's "Features Support".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from s4desk.core.domain.aws_sites import AWS_OTHER_HOSTS, AWS_SITES
from s4desk.core.domain.capability import Capability
from s4desk.core.domain.connection import Addressing
from s4desk.core.domain.parts import GIB, MAX_OBJECT_AWS, MIB, TIB
from s4desk.core.domain.provider import (
    KeyRules,
    ObjectLimits,
    Provider,
    Recognised,
)
from s4desk.core.domain.provider import recognise as _recognise
from s4desk.core.domain.site import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

_C = Capability
_ALL: Final = frozenset(Capability)
_BASIC: Final = frozenset(
    {_C.BATCH_DELETE, _C.COPY, _C.MULTIPART, _C.MULTIPART_COPY, _C.PATH_STYLE}
)
_OLDER_SUMS: Final = frozenset({_C.CRC32, _C.CRC32C, _C.SHA1, _C.SHA256})
_KEPT_VERSIONS: Final = frozenset({_C.VERSIONING, _C.LIST_VERSIONS, _C.OBJECT_LOCK, _C.LIFECYCLE})


def N_(message: str) -> str:  # noqa: N802 - what gettext's tools look for
    """Mark a text for translation; whoever shows it translates it."""
    return message


AWS: Final = Provider(
    id="aws",
    name="Amazon S3",
    is_implied=True,
    sites=AWS_SITES,
    other_hosts=AWS_OTHER_HOSTS,
    limits=ObjectLimits(object=MAX_OBJECT_AWS),
    has=_ALL,
    where_keys_are=N_("In the AWS console: IAM, Users, Security credentials, Create access key."),
)

CEPH: Final = Provider(
    id="ceph",
    name="Ceph RGW",
    sites=(Site("http://localhost:7480"),),
    addressing=Addressing.PATH,
    has=_BASIC
    | {_C.VERSIONING, _C.LIST_VERSIONS, _C.LIFECYCLE, _C.POLICY, _C.CORS, _C.OBJECT_TAGGING},
    where_keys_are=N_("Whoever runs Ceph makes them: radosgw-admin user create."),
    notes=(N_("Replication is for zones of one realm, and configured by whoever runs Ceph."),),
    unsure="checksums, object lock and bucket encryption depend on the release",
)

MINIO: Final = Provider(
    id="minio",
    name="MinIO",
    sites=(Site("http://localhost:9000"),),
    addressing=Addressing.PATH,
    has=_BASIC
    | _KEPT_VERSIONS
    | {_C.REPLICATION, _C.POLICY, _C.ENCRYPTION, _C.BUCKET_TAGGING, _C.OBJECT_TAGGING},
    wrong_ports=MappingProxyType({9001: 9000, 9090: 9000}),
    where_keys_are=N_("In the console: Access Keys, Create access key; or mc admin accesskey."),
    notes=(
        N_("Unfinished uploads are only listed for the exact name of an object."),
        N_("Replication works towards other MinIO servers only."),
    ),
    unsure="checksums and CORS of a bucket depend on the release; 9090 is a common console port",
)

R2: Final = Provider(
    id="r2",
    name="Cloudflare R2",
    sites=(
        Site("https://{account}.r2.cloudflarestorage.com", {"auto": "Automatic"}),
        Site("https://{account}.eu.r2.cloudflarestorage.com", name="R2, European Union"),
        Site("https://{account}.fedramp.r2.cloudflarestorage.com", name="R2, FedRAMP"),
    ),
    region="auto",
    addressing=Addressing.PATH,
    limits=ObjectLimits(
        object=5 * TIB - 5 * GIB,
        single_put=5 * GIB - 5 * MIB,
        largest_part=5 * GIB - 5 * MIB,
        equal_parts=True,
    ),
    has=_BASIC | _OLDER_SUMS | {_C.CRC64NVME, _C.LIFECYCLE, _C.CORS},
    lacks=frozenset(
        {
            *(_C.VERSIONING, _C.LIST_VERSIONS, _C.OBJECT_LOCK, _C.REPLICATION, _C.POLICY),
            *(_C.BUCKET_TAGGING, _C.OBJECT_TAGGING),
        }
    ),
    where_keys_are=N_("In the Cloudflare dashboard: R2, Manage API tokens; it names the endpoint."),
    list_notes=(N_("A token for some buckets only may not list them."),),
    notes=(N_("ETags of multipart uploads are no MD5 sums."),),
    unsure="equal parts are known from practice; the dashboard's words change",
)

B2: Final = Provider(
    id="b2",
    name="Backblaze B2",
    sites=(
        Site(
            "https://s3.{region}.backblazeb2.com",
            {
                "us-west-001": "US West (Sacramento)",
                "us-west-002": "US West (Phoenix)",
                "us-west-004": "US West (Oregon)",
                "us-east-005": "US East (Virginia)",
                "ca-east-006": "Canada East (Toronto)",
                "eu-central-003": "EU Central (Amsterdam)",
            },
        ),
    ),
    region="us-west-004",
    addressing=Addressing.PATH,
    has=_BASIC | {_C.VIRTUAL_HOST, _C.VERSIONING, _C.LIST_VERSIONS, _C.OBJECT_LOCK},
    lacks=frozenset({_C.POLICY, _C.REPLICATION, _C.OBJECT_TAGGING, _C.BUCKET_TAGGING}),
    where_keys_are=N_("In the Backblaze console: Application Keys, Add a New Application Key."),
    list_notes=(N_("A key for one bucket needs “Allow List All Bucket Names” for that."),),
    key_notes=(
        N_("The master application key does not work with S3: make another one."),
        N_("Each bucket's page names its endpoint; an account lives in one region."),
    ),
    unsure="names of the regions; lifecycle by S3 is not in the list of calls",
)

WASABI: Final = Provider(
    id="wasabi",
    name="Wasabi",
    sites=(
        Site(
            "https://s3.{region}.wasabisys.com",
            {
                "us-east-1": "US East 1 (N. Virginia)",
                "us-east-2": "US East 2 (N. Virginia)",
                "us-central-1": "US Central 1 (Texas)",
                "us-west-1": "US West 1 (Oregon)",
                "us-west-2": "US West 2 (San Jose)",
                "ca-central-1": "CA Central 1 (Toronto)",
                "eu-central-1": "EU Central 1 (Amsterdam)",
                "eu-central-2": "EU Central 2 (Frankfurt)",
                "eu-west-1": "EU West 1 (London)",
                "eu-west-2": "EU West 2 (Paris)",
                "eu-west-3": "EU West 3 (London)",
                "eu-south-1": "EU South 1 (Milan)",
                "ap-northeast-1": "AP Northeast 1 (Tokyo)",
                "ap-northeast-2": "AP Northeast 2 (Osaka)",
                "ap-southeast-1": "AP Southeast 1 (Singapore)",
                "ap-southeast-2": "AP Southeast 2 (Sydney)",
            },
        ),
    ),
    other_hosts={"s3.wasabisys.com": "us-east-1"},
    addressing=Addressing.PATH,
    keys=KeyRules(four_byte_characters=False),
    has=_BASIC | _KEPT_VERSIONS | {_C.REPLICATION, _C.POLICY, _C.OBJECT_TAGGING, _C.BUCKET_TAGGING},
    where_keys_are=N_("In the Wasabi console: Access Keys, Create Access Key."),
    key_notes=(N_("Too many attempts with wrong keys lock the account for five minutes."),),
    notes=(N_("Names with emoji and other characters of four bytes are refused."),),
    unsure="us-west-2 and eu-west-3 are from other clients' lists; checksums are not described",
)

GARAGE: Final = Provider(
    id="garage",
    name="Garage",
    sites=(Site("http://localhost:3900"),),
    region="garage",
    addressing=Addressing.PATH,
    has=_BASIC | _OLDER_SUMS | {_C.VIRTUAL_HOST, _C.CORS},
    lacks=frozenset(
        {
            *(_C.VERSIONING, _C.LIST_VERSIONS, _C.OBJECT_LOCK, _C.REPLICATION),
            *(_C.POLICY, _C.ENCRYPTION),
            *(_C.BUCKET_TAGGING, _C.OBJECT_TAGGING),
        }
    ),
    wrong_ports=MappingProxyType({3901: 3900, 3902: 3900, 3903: 3900}),
    where_keys_are=N_("On the server: garage key create, then garage bucket allow."),
    key_notes=(
        N_("The region is a word of the server's configuration, “garage” if none was chosen."),
    ),
    unsure="checksums and lifecycle rules came with later releases",
)

SEAWEEDFS: Final = Provider(
    id="seaweedfs",
    name="SeaweedFS",
    sites=(Site("http://localhost:8333"),),
    addressing=Addressing.PATH,
    wrong_ports=MappingProxyType({8888: 8333, 9333: 8333}),
    where_keys_are=N_("On the server: s3.configure in weed shell, or its file of identities."),
    notes=(N_("ETags of multipart uploads are no MD5 sums."),),
    unsure="versioning, lock, lifecycle, tagging and policies depend on the release",
)

DIGITALOCEAN: Final = Provider(
    id="digitalocean",
    name="DigitalOcean Spaces",
    sites=(
        Site(
            "https://{region}.digitaloceanspaces.com",
            {
                "nyc3": "New York 3",
                "sfo2": "San Francisco 2",
                "sfo3": "San Francisco 3",
                "tor1": "Toronto 1",
                "ams3": "Amsterdam 3",
                "fra1": "Frankfurt 1",
                "lon1": "London 1",
                "blr1": "Bangalore 1",
                "sgp1": "Singapore 1",
                "syd1": "Sydney 1",
            },
        ),
    ),
    region="nyc3",
    has=_BASIC
    | {_C.VIRTUAL_HOST, _C.PRESIGN, _C.VERSIONING, _C.LIST_VERSIONS}
    | {_C.LIFECYCLE, _C.POLICY, _C.CORS},
    lacks=frozenset({_C.ENCRYPTION, _C.BUCKET_TAGGING}),
    where_keys_are=N_("In the control panel: Spaces Object Storage, Access Keys."),
    notes=(
        N_("Nothing is copied between regions by the store; lifecycle rules know no tags."),
        N_("Unfinished uploads are removed after 30 days."),
    ),
    unsure="object lock, replication and checksums are not described; newer regions are missing",
)

HETZNER: Final = Provider(
    id="hetzner",
    name="Hetzner Object Storage",
    sites=(
        Site(
            "https://{region}.your-objectstorage.com",
            {"fsn1": "Falkenstein", "nbg1": "Nuremberg", "hel1": "Helsinki"},
        ),
    ),
    region="fsn1",
    has=_BASIC | _KEPT_VERSIONS | {_C.POLICY, _C.CORS, _C.OBJECT_TAGGING},
    lacks=frozenset({_C.REPLICATION, _C.ENCRYPTION, _C.BUCKET_TAGGING}),
    where_keys_are=N_("In the Cloud console: the project, Security, S3 credentials."),
    notes=(N_("Copying inside the store may fail, even between buckets of one location."),),
    unsure="what is present is what the list of exceptions does not name",
)

SCALEWAY: Final = Provider(
    id="scaleway",
    name="Scaleway",
    sites=(
        Site(
            "https://s3.{region}.scw.cloud",
            {"fr-par": "Paris", "nl-ams": "Amsterdam", "pl-waw": "Warsaw", "it-mil": "Milan"},
        ),
    ),
    region="fr-par",
    limits=ObjectLimits(parts=1000),
    has=_BASIC
    | _KEPT_VERSIONS
    | {_C.VIRTUAL_HOST, _C.POLICY, _C.CORS, _C.BUCKET_TAGGING, _C.OBJECT_TAGGING},
    where_keys_are=N_("In the console: IAM, API keys, Generate an API key."),
    notes=(N_("An upload has 1000 parts at most."),),
    unsure="replication and bucket encryption are not in the list of calls that was read",
)

OVH: Final = Provider(
    id="ovh",
    name="OVHcloud",
    sites=(
        Site(
            "https://s3.{region}.io.cloud.ovh.net",
            {
                "gra": "Gravelines",
                "rbx": "Roubaix",
                "sbg": "Strasbourg",
                "eu-west-par": "Paris (3 zones)",
                "de": "Frankfurt",
                "uk": "London",
                "waw": "Warsaw",
                "bhs": "Beauharnois",
                "ca-east-tor": "Toronto",
                "sgp": "Singapore",
                "ap-southeast-syd": "Sydney",
                "ap-south-mum": "Mumbai",
                "rbx-archive": "Roubaix (Cold Archive)",
            },
        ),
        Site(
            "https://s3.{region}.io.cloud.ovh.us",
            {"us-east-va": "Vint Hill, Virginia", "us-west-or": "Hillsboro, Oregon"},
            "OVHcloud US",
        ),
    ),
    region="gra",
    other_hosts={"s3.{region}.perf.cloud.ovh.net": "", "s3.{region}.cloud.ovh.net": ""},
    limits=ObjectLimits(object=48 * TIB),
    has=_BASIC | _KEPT_VERSIONS | {_C.REPLICATION, _C.ENCRYPTION, _C.BUCKET_TAGGING},
    where_keys_are=N_("In the control panel: Public Cloud, Object Storage, Users."),
    unsure="CRC32 was refused in reports of other clients; policies and tags of objects",
)

IDRIVE: Final = Provider(
    id="idrive",
    name="IDrive e2",
    sites=(
        Site(
            "https://s3.{region}.idrivee2.com",
            {
                "us-west-1": "Oregon",
                "us-west-2": "Los Angeles",
                "us-west-3": "San Jose",
                "us-southwest-1": "Phoenix",
                "us-midwest-1": "Chicago",
                "us-central-1": "Dallas",
                "us-east-1": "Virginia",
                "us-southeast-1": "Miami",
                "ca-east-1": "Montreal",
                "eu-west-1": "Ireland",
                "eu-west-2": "London",
                "eu-west-3": "London 2",
                "eu-west-4": "Paris",
                "eu-central-1": "Frankfurt 2",
                "eu-central-2": "Frankfurt",
                "ap-southeast-1": "Singapore",
            },
        ),
    ),
    region="us-west-1",
    other_hosts={f"{{account}}.{{region}}.idrivee2-{n}.com": "" for n in range(1, 100)},
    addressing=Addressing.PATH,
    has=_BASIC | {_C.VERSIONING, _C.OBJECT_LOCK, _C.LIFECYCLE, _C.CORS},
    where_keys_are=N_("In the e2 dashboard: Access Keys, Create Access Key, for one region."),
    key_notes=(N_("The dashboard names the endpoint of each region; older ones are your own."),),
    unsure="the regions are from other clients' lists; virtual hosts fail in reports",
)

STORJ: Final = Provider(
    id="storj",
    name="Storj",
    sites=(Site("https://gateway.storjshare.io", {"us-east-1": "Worldwide"}),),
    other_hosts={"gateway.{region}.storjshare.io": ""},
    limits=ObjectLimits(best_part=64 * MIB),
    has=frozenset(
        {
            *(_C.VERSIONING, _C.OBJECT_LOCK, _C.BATCH_DELETE, _C.COPY, _C.MULTIPART),
            *(_C.BUCKET_TAGGING, _C.OBJECT_TAGGING),
        }
    ),
    lacks=frozenset(
        {
            *(_C.LIFECYCLE, _C.REPLICATION, _C.POLICY, _C.CORS, _C.ENCRYPTION),
            _C.MULTIPART_COPY,
        }
    ),
    where_keys_are=N_("In the Storj console: Access Keys, New Access Key, S3 credentials."),
    notes=(N_("Parts of 64 MB cost least."),),
    unsure="checksums are not described",
)

GOOGLE: Final = Provider(
    id="google",
    name="Google Cloud Storage",
    sites=(Site("https://storage.googleapis.com", {"auto": "Automatic"}),),
    region="auto",
    addressing=Addressing.PATH,
    lacks=frozenset(
        {
            *(_C.OBJECT_LOCK, _C.REPLICATION, _C.POLICY, _C.MULTIPART_COPY),
            *(_C.BUCKET_TAGGING, _C.OBJECT_TAGGING, _C.CRC64NVME),
        }
    ),
    where_keys_are=N_("In the console: Cloud Storage, Settings, Interoperability, HMAC keys."),
    notes=(N_("The XML API is used; versions are generations and are not listed as S3 does."),),
    unsure="checksums are ignored in reports of other clients; batch deletes, and versioning and"
    " lifecycle in the form of S3, were not found",
)

LOCALSTACK: Final = Provider(
    id="localstack",
    name="LocalStack",
    sites=(Site("http://localhost:4566"),),
    other_hosts={"s3.localhost.localstack.cloud": "us-east-1"},
    addressing=Addressing.PATH,
    has=_ALL
    - {_C.VIRTUAL_HOST, _C.PUT_IF_ABSENT, _C.COMPLETE_IF_ABSENT}
    - {_C.COPY_IF_ABSENT, _C.COPY_SOURCE_IF_MATCH, _C.DELETE_IF_MATCH},
    lacks=frozenset({_C.VIRTUAL_HOST, _C.COPY_IF_ABSENT, _C.COPY_SOURCE_IF_MATCH}),
    where_keys_are=N_("Any key id and secret will do, “test” for example."),
    notes=(N_("Lifecycle and replication are kept and not carried out."),),
)

OTHER: Final = Provider(
    id="",
    name=N_("Other"),
    where_keys_are=N_("Whoever runs the store gives them to you."),
)

PROVIDERS: Final[Mapping[str, Provider]] = MappingProxyType(
    {
        provider.id: provider
        for provider in (
            *(AWS, CEPH, MINIO, R2, B2, WASABI, GARAGE, SEAWEEDFS, DIGITALOCEAN, HETZNER),
            *(SCALEWAY, OVH, IDRIVE, STORJ, GOOGLE, LOCALSTACK, OTHER),
        )
    }
)
"""By id, in the order people are shown."""


def recognise(endpoint: str) -> Recognised | None:
    """Whose endpoint this is, by its host; None for one that could be anybody's."""
    return _recognise(endpoint, PROVIDERS)
