"""A sample of every configuration, and how tests write and read one."""

from __future__ import annotations

from s4desk.core.domain.config_json import as_json, from_json

VERSIONED = {"Status": "Enabled"}
PLAIN_LIFECYCLE = {
    "Rules": [
        {
            "ID": "old",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 30},
        }
    ]
}
CORS = {
    "CORSRules": [
        {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 3000}
    ]
}
TAGGING = {"TagSet": [{"Key": "team", "Value": "störage"}]}
ENCRYPTION = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
LOCK = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
}
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": False,
    "RestrictPublicBuckets": False,
}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
WEBSITE = {
    "IndexDocument": {"Suffix": "index.html"},
    "ErrorDocument": {"Key": "error.html"},
    "RoutingRules": [
        {
            "Condition": {"KeyPrefixEquals": "docs/"},
            "Redirect": {"ReplaceKeyPrefixWith": "documents/"},
        }
    ],
}
TIERING = {
    "Id": "cold",
    "Status": "Enabled",
    "Filter": {"Prefix": "old/"},
    "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}],
}


def policy(bucket):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/public/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def inventory(bucket, name="all"):
    return {
        "Id": name,
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Weekly"},
        "OptionalFields": ["Size", "ETag"],
        "Destination": {
            "S3BucketDestination": {"Bucket": f"arn:aws:s3:::{bucket}", "Format": "CSV"}
        },
    }


async def put_config(store, bucket, kind, value, **how):
    await store.put_document(bucket, from_json(kind, value, **how))


async def get_config(store, bucket, kind, **how):
    """As JSON; None when the store has none, or one that says nothing."""
    return as_json(await store.get_document(bucket, kind, **how)) or None
