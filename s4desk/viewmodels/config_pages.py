"""The pages of a bucket's configuration: what each is called, what it is for, how it is edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from s4desk.core.domain.bucket_config import ConfigKind
from s4desk.core.domain.capability import Capability
from s4desk.core.runtime.i18n import tr
from s4desk.viewmodels.config_forms import (
    AccelerateForm,
    ConfigForm,
    EncryptionForm,
    LockPageForm,
    OwnershipForm,
    PublicAccessForm,
    RequestPaymentForm,
    VersioningForm,
)
from s4desk.viewmodels.config_grant_table import GrantTable, NotificationTable
from s4desk.viewmodels.config_place_forms import (
    InventoryForm,
    LoggingForm,
    TieringForm,
    WebsiteForm,
)
from s4desk.viewmodels.config_tables import ConfigTable, CorsTable, TagTable

Value = Mapping[str, Any]
_K = ConfigKind


class PageState(StrEnum):
    """What the list of pages says of one."""

    UNREAD = "unread"
    READING = "reading"
    SET = "set"
    NOT_SET = "not-set"
    CANNOT = "cannot"
    FAILED = "failed"
    EDITED = "edited"


FORMS: Mapping[ConfigKind, Callable[[Value], ConfigForm | LockPageForm]] = {
    _K.VERSIONING: VersioningForm,
    _K.ENCRYPTION: EncryptionForm,
    _K.OBJECT_LOCK: LockPageForm,
    _K.PUBLIC_ACCESS_BLOCK: PublicAccessForm,
    _K.OWNERSHIP: OwnershipForm,
    _K.WEBSITE: WebsiteForm,
    _K.LOGGING: LoggingForm,
    _K.REQUEST_PAYMENT: RequestPaymentForm,
    _K.ACCELERATE: AccelerateForm,
    _K.INTELLIGENT_TIERING: TieringForm,
    _K.INVENTORY: InventoryForm,
}
TABLES: Mapping[ConfigKind, Callable[[Value], ConfigTable]] = {
    _K.CORS: CorsTable,
    _K.TAGGING: TagTable,
    _K.ACL: GrantTable,
    _K.NOTIFICATION: NotificationTable,
}
CAPABILITIES: Mapping[ConfigKind, Capability] = {
    _K.VERSIONING: Capability.VERSIONING,
    _K.OBJECT_LOCK: Capability.OBJECT_LOCK,
    _K.LIFECYCLE: Capability.LIFECYCLE,
    _K.REPLICATION: Capability.REPLICATION,
    _K.POLICY: Capability.POLICY,
    _K.CORS: Capability.CORS,
    _K.ENCRYPTION: Capability.ENCRYPTION,
    _K.TAGGING: Capability.BUCKET_TAGGING,
}
"""What a probe says about a kind."""


@dataclass(frozen=True, slots=True)
class PageWords:
    """`about` says in a sentence what a page is for."""

    title: str
    about: str


def words_of(kind: ConfigKind) -> PageWords:
    return _words()[kind]


def state_text(state: PageState) -> str:
    return {
        PageState.UNREAD: "",
        PageState.READING: tr("Being read"),
        PageState.SET: tr("Set"),
        PageState.NOT_SET: tr("Not set"),
        PageState.CANNOT: tr("Not at this store"),
        PageState.FAILED: tr("Could not be read"),
        PageState.EDITED: tr("Edited, not saved"),
    }[state]


def _words() -> Mapping[ConfigKind, PageWords]:
    return _of_objects() | _of_access() | _of_reports()


def _of_objects() -> dict[ConfigKind, PageWords]:
    return {
        _K.VERSIONING: PageWords(
            tr("Versioning"), tr("Whether what is replaced or deleted is kept as a version.")
        ),
        _K.OBJECT_LOCK: PageWords(
            tr("Object Lock default"), tr("How long each new object is locked, if not told itself.")
        ),
        _K.ENCRYPTION: PageWords(
            tr("Encryption"), tr("How new objects are encrypted, if not told themselves.")
        ),
        _K.LIFECYCLE: PageWords(
            tr("Lifecycle"), tr("What the store deletes or moves by itself as objects get older.")
        ),
        _K.REPLICATION: PageWords(
            tr("Replication"), tr("What the store copies to other buckets by itself.")
        ),
        _K.TAGGING: PageWords(
            tr("Tags"), tr("Names and values on the bucket, for bills and rules.")
        ),
        _K.INTELLIGENT_TIERING: PageWords(
            tr("Intelligent-Tiering"),
            tr("When objects of the class INTELLIGENT_TIERING go into archives."),
        ),
    }


def _of_access() -> dict[ConfigKind, PageWords]:
    return {
        _K.POLICY: PageWords(tr("Policy"), tr("Who may do what in the bucket, and who may not.")),
        _K.PUBLIC_ACCESS_BLOCK: PageWords(
            tr("Public access block"), tr("What holds even where a policy or a grant is public.")
        ),
        _K.OWNERSHIP: PageWords(tr("Ownership"), tr("Who owns what others write into the bucket.")),
        _K.ACL: PageWords(tr("Grants (ACL)"), tr("The older way to say who may use the bucket.")),
        _K.CORS: PageWords(
            tr("Cross-origin (CORS)"), tr("Which web pages may reach the bucket from a browser.")
        ),
        _K.WEBSITE: PageWords(tr("Website"), tr("Whether the bucket is served as web pages.")),
        _K.REQUEST_PAYMENT: PageWords(
            tr("Request payment"), tr("Who pays for requests and for what is downloaded.")
        ),
        _K.ACCELERATE: PageWords(
            tr("Acceleration"), tr("Whether the bucket is also reached by the nearest edge.")
        ),
    }


def _of_reports() -> dict[ConfigKind, PageWords]:
    return {
        _K.LOGGING: PageWords(tr("Access logs"), tr("Where the store writes down each request.")),
        _K.NOTIFICATION: PageWords(
            tr("Notifications"), tr("Who is told when objects come and go.")
        ),
        _K.INVENTORY: PageWords(
            tr("Inventory"), tr("Lists of all objects, written by the store itself.")
        ),
        _K.ANALYTICS: PageWords(
            tr("Analytics"), tr("What the store watches to advise on storage classes.")
        ),
        _K.METRICS: PageWords(tr("Metrics"), tr("Which requests the store counts.")),
    }
