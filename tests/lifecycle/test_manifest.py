"""What is handed over to S3 Batch Operations is what it takes."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import UTC, datetime
from urllib.parse import unquote_to_bytes

import botocore.session
import pytest
from botocore.validate import ParamValidator

from s4desk.core.domain.errors import LocalFileError
from s4desk.core.domain.lifecycle.candidates import Versioning
from s4desk.core.domain.lifecycle.decisions import Action, Decision, Step
from s4desk.core.domain.lifecycle.reading import lifecycle_of
from s4desk.core.domain.lifecycle.rules import Lifecycle, When
from s4desk.core.domain.parts import GIB
from s4desk.core.lifecycle.findings import Finding
from s4desk.core.lifecycle.manifest import README, RULES, write
from s4desk.core.lifecycle.plan import Plan, PlanDraft

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ODD = ["a,b", 'q"uote', "li\nne", " sp ace+", "ü/%41", "sch\udcf6n"]


def finding(action, key, size=1, storage_class="", version=""):
    step = Step(action, 0, NOW, When(days=1), storage_class)
    return Finding(key, version, "e", size, "STANDARD", 0.0, 0, 0.0, Decision(step))


def plan(*found, versioning=Versioning.OFF):
    draft = PlanDraft()
    draft.take(found)
    return Plan("b", Lifecycle(), NOW, draft.findings, versioning)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def decoded(cell):
    return unquote_to_bytes(cell).decode("utf-8", "surrogateescape")


def valid(job):
    model = botocore.session.get_session().get_service_model("s3control")
    shape = model.operation_model("CreateJob").input_shape
    assert not ParamValidator().validate(job, shape).has_errors()


def test_each_operation_has_a_manifest_and_a_job_that_aws_takes(tmp_path):
    found = [finding(Action.EXPIRE, key) for key in ODD]
    found += [
        finding(Action.TRANSITION, "t", 5, "STANDARD_IA"),
        finding(Action.TRANSITION, "g", 1, "GLACIER"),
    ]
    written = write(plan(*found), tmp_path / "new")
    assert {each.path.name: each.count for each in written} == {
        "expire.csv": 6,
        "transition-STANDARD_IA.csv": 1,
        "transition-GLACIER.csv": 1,
    }
    cells = rows(tmp_path / "new" / "expire.csv")
    assert [row[0] for row in cells] == ["b"] * 6
    assert [decoded(row[1]) for row in cells] == ODD
    for each in written:
        job = json.loads(each.path.with_suffix(".job.json").read_text())
        valid(job)
        location = job["Manifest"]["Location"]
        assert location["ETag"] == hashlib.md5(each.path.read_bytes()).hexdigest()
        assert job["Manifest"]["Spec"]["Fields"] == ["Bucket", "Key"]
        assert job["ConfirmationRequired"]
    copy = json.loads((tmp_path / "new" / "transition-STANDARD_IA.job.json").read_text())
    said = copy["Operation"]["S3PutObjectCopy"]
    assert (said["StorageClass"], said["MetadataDirective"]) == ("STANDARD_IA", "COPY")
    assert said["UnModifiedSinceConstraint"] == NOW.isoformat()


def test_nothing_deletes_but_a_rule_of_the_store_for_what_bears_the_tag(tmp_path):
    found = [
        finding(Action.EXPIRE, "a", version="v1"),
        finding(Action.EXPIRE_NONCURRENT, "a", version="v0"),
        finding(Action.TRANSITION_NONCURRENT, "b", 1, "GLACIER", "v2"),
        finding(Action.TRANSITION, "c", 1, "GLACIER"),
    ]
    write(plan(*found, versioning=Versioning.ENABLED), tmp_path)
    assert rows(tmp_path / "expire_noncurrent.csv") == [["b", "a", "v0"]]
    assert rows(tmp_path / "transition-GLACIER.csv") == [["b", "c", "null"]]
    rules = json.loads((tmp_path / RULES).read_text())
    read = lifecycle_of(rules)
    tags = [rule.filter.tags for rule in read.rules]
    assert len(set(tags)) == len(tags) == 3
    assert all(tag for tag in tags)
    assert not any(rule.unknown for rule in read.rules)
    for job in tmp_path.glob("*.job.json"):
        said = json.loads(job.read_text())
        valid(said)
        (operation,) = said["Operation"]
        assert operation in ("S3PutObjectCopy", "S3PutObjectTagging")
    text = (tmp_path / README).read_text()
    assert "deletes nothing" in text
    assert "ALL tags" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_what_no_job_can_do_is_listed_without_one(tmp_path):
    found = [
        finding(Action.REMOVE_DELETE_MARKER, "m", version="v"),
        finding(Action.ABORT_UPLOAD, "u", version="upload"),
        finding(Action.TRANSITION, "large", 6 * GIB, "GLACIER"),
    ]
    write(plan(*found, versioning=Versioning.ENABLED), tmp_path)
    assert not list(tmp_path.glob("*.job.json"))
    assert not (tmp_path / RULES).exists()
    assert rows(tmp_path / "abort_upload.csv") == [["b", "u", "upload"]]
    assert rows(tmp_path / "transition-GLACIER-large.csv") == [["b", "large", "null"]]
    assert "5 GiB" in (tmp_path / README).read_text()


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(LocalFileError):
        write(plan(finding(Action.EXPIRE, "a")), tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
