"""Which policies shut their own author out."""

from __future__ import annotations

from typing import Any

import pytest

from s4desk.core.domain.bucket_config import BucketDocument, ConfigKind
from s4desk.core.domain.config_json import from_json
from s4desk.core.domain.lock_out import Author, Barred, LockOut, lock_out
from s4desk.viewmodels.config_policy import templates, with_template

ME = Author("photos", is_encrypted=True, name="desk")
PLAIN = Author("photos", is_encrypted=False, name="desk")
WHOLE = ["arn:aws:s3:::photos", "arn:aws:s3:::photos/*"]
ALL, MAYBE = LockOut(Barred.ALL), LockOut(Barred.ALL, is_certain=False)


def document(*statements: dict[str, Any]) -> BucketDocument:
    return from_json(ConfigKind.POLICY, {"Version": "2012-10-17", "Statement": list(statements)})


def deny(**fields: Any) -> dict[str, Any]:
    made = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": WHOLE, **fields}
    return {name: value for name, value in made.items() if value is not None}


def where(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


CASES: dict[str, tuple[dict[str, Any], LockOut | None]] = {
    "everything to everybody": (deny(), ALL),
    "as AWS writes everybody": (deny(Principal={"AWS": ["*"]}), ALL),
    "all resources": (deny(Resource="*"), ALL),
    "by patterns": (
        deny(Action=["s3:Put*", "S3:delete?ucketPolicy"], Resource="arn:aws:s3:::ph*"),
        ALL,
    ),
    "both by name": (deny(Action=["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]), ALL),
    "another partition": (deny(Resource="arn:aws-cn:s3:::photos"), ALL),
    "only changes": (deny(Action="s3:PutBucketPolicy"), LockOut(Barred.CHANGE)),
    "only removals": (deny(Action="s3:DeleteBucketPolicy"), LockOut(Barred.REMOVAL)),
    "all but reading": (deny(Action=None, NotAction="s3:GetObject"), ALL),
    "all but these": (deny(Action=None, NotAction="s3:*BucketPolicy"), None),
    "everywhere but there": (deny(Resource=None, NotResource="arn:aws:s3:::other"), ALL),
    "only objects": (deny(Resource="arn:aws:s3:::photos/*"), None),
    "another bucket": (deny(Resource="arn:aws:s3:::other"), None),
    "only uploads": (deny(Action="s3:PutObject"), None),
    "allowed": (deny(Effect="Allow"), None),
    "me by name": (deny(Principal={"AWS": "arn:aws:iam:::user/desk"}), ALL),
    "somebody else": (deny(Principal={"AWS": "arn:aws:iam:::user/other"}), None),
    "a whole account": (deny(Principal={"AWS": "arn:aws:iam::123456789012:root"}), MAYBE),
    "all but somebody": (
        deny(Principal=None, NotPrincipal={"AWS": "arn:aws:iam:::user/other"}),
        MAYBE,
    ),
    "all but me": (deny(Principal=None, NotPrincipal={"AWS": "arn:aws:iam:::user/desk"}), None),
    "with an exception": (
        deny(**where("StringNotEquals", "aws:PrincipalArn", "arn:aws:iam:::user/desk")),
        None,
    ),
    "without TLS": (deny(**where("Bool", "aws:SecureTransport", "false")), None),
    "with TLS": (deny(**where("Bool", "aws:SecureTransport", "true")), ALL),
    "from elsewhere": (deny(**where("NotIpAddress", "aws:SourceIp", "192.0.2.0/24")), MAYBE),
    "from one place": (deny(**where("IpAddress", "aws:SourceIp", "192.0.2.0/24")), None),
    "from everywhere": (deny(**where("IpAddress", "aws:SourceIp", "0.0.0.0/0")), ALL),
    "by another way": (deny(**where("StringNotEquals", "aws:SourceVpce", "vpce-1")), MAYBE),
}


@pytest.mark.parametrize("case", CASES)
def test_a_policy_is_judged_by_what_its_author_can_still_do(case: str) -> None:
    statement, expected = CASES[case]
    assert lock_out(None, document(statement), ME) == expected


def test_a_refusal_without_tls_is_one_for_who_comes_without() -> None:
    template = next(each for each in templates() if each.name == "only-tls")
    after = from_json(ConfigKind.POLICY, with_template(None, template, "photos"))
    assert lock_out(None, after, PLAIN) == ALL
    assert lock_out(None, after, ME) is None


def test_two_statements_may_do_it_together() -> None:
    change, removal = deny(Action="s3:PutBucketPolicy"), deny(Action="s3:Delete*")
    assert lock_out(None, document(change, removal), ME) == ALL


def test_what_was_so_before_is_not_asked_about_again() -> None:
    locked = document(deny())
    assert lock_out(locked, document(deny(Sid="again")), ME) is None
    assert lock_out(document(deny(Action="s3:PutBucketPolicy")), locked, ME) == ALL
    assert lock_out(locked, None, ME) is None


def test_what_is_no_policy_is_left_to_the_store() -> None:
    assert lock_out(None, BucketDocument(ConfigKind.POLICY, b"{"), ME) is None
