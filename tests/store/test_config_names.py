"""The names and types of our JSON are those of botocore's description of S3, all of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import Session

from s4desk.core.domain.bucket_config import FACTS, MINIMUM_SIZE_HEADER, BucketDocument, ConfigKind
from s4desk.core.domain.config_fields import FIELDS
from s4desk.core.domain.config_json import as_json, from_json

XML_KINDS = [kind for kind in ConfigKind if FACTS[kind].root]


@pytest.fixture(scope="module")
def model():
    return Session().get_service_model("s3")


def camel(words):
    special = {"cors": "Cors", "acl": "Acl"}
    return "".join(special.get(word, word.capitalize()) for word in words.split("-"))


def put_operation(model, kind):
    return model.operation_model(f"Put{camel(FACTS[kind].command)}")


def filled(shape):
    """A value with every member of a shape, and two items in each list."""
    match shape.type_name:
        case "structure":
            return {name: filled(member) for name, member in shape.members.items()}
        case "list":
            return [filled(shape.member), filled(shape.member)]
        case "integer" | "long":
            return 7
        case "boolean":
            return True
        case "timestamp":
            return datetime(2030, 1, 1, tzinfo=UTC)
    return "<text> & more"


def with_dates(value):
    if isinstance(value, dict):
        return {name: with_dates(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_dates(each) for each in value]
    return "2030-01-01T00:00:00Z" if isinstance(value, datetime) else value


def sample(model, kind):
    """What botocore calls everything, and the document that it makes of it."""
    operation = put_operation(model, kind)
    payload = operation.input_shape.serialization["payload"]
    value = filled(operation.input_shape.members[payload])
    arguments = {"Bucket": "b", payload: value} | ({"Id": "i"} if FACTS[kind].has_ids else {})
    serializer = create_serializer("rest-xml", include_validation=False)
    return value, serializer.serialize_to_request(arguments, operation)


@pytest.mark.parametrize("kind", XML_KINDS)
def test_what_botocore_writes_is_read_by_its_names(model, kind):
    value, request = sample(model, kind)
    assert as_json(BucketDocument(kind, request["body"])) == with_dates(value)


@pytest.mark.parametrize("kind", XML_KINDS)
def test_what_we_write_is_read_by_botocore(model, kind):
    value, _ = sample(model, kind)
    operation = model.operation_model(f"Get{camel(FACTS[kind].command)}")
    document = from_json(kind, with_dates(value))
    reply = {"status_code": 200, "headers": {}, "body": document.body}
    parsed = create_parser("rest-xml").parse(reply, operation.output_shape)
    del parsed["ResponseMetadata"]
    # Some replies hold the value under its name, others in their own fields.
    (inner, *more) = parsed.values()
    assert value in (parsed, inner if not more else None)


@pytest.mark.parametrize("kind", ConfigKind)
def test_commands_and_queries_are_those_of_s3(model, kind):
    facts = FACTS[kind]
    operation = put_operation(model, kind)
    uri = operation.http["requestUri"]
    assert uri.partition("?")[2].partition("&")[0] == facts.query
    assert ("Id" in operation.input_shape.members) is facts.has_ids
    payload = operation.input_shape.serialization["payload"]
    assert payload.replace("CORS", "Cors") == camel(facts.option)
    if facts.neutral is None:
        name = facts.deletion or facts.command
        assert f"Delete{camel(name)}" in model.operation_names


@pytest.mark.parametrize("kind", XML_KINDS)
def test_no_field_is_named_that_nobody_writes(model, kind):
    """An element in our table that S3 does not have is a mistake in writing."""
    known = set()

    def walk(shape):
        if shape.type_name == "list":
            known.add(shape.member.serialization.get("name", ""))
            walk(shape.member)
        for name, member in getattr(shape, "members", {}).items():
            known.add(member.serialization.get("name", name))
            walk(member)

    operation = put_operation(model, kind)
    walk(operation.input_shape.members[operation.input_shape.serialization["payload"]])
    assert {element.rpartition("/")[2] for element in FIELDS[kind]} <= known


def test_a_header_of_a_document_is_a_field_of_it():
    value = {"Rules": [], "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}
    document = from_json(ConfigKind.LIFECYCLE, value)
    assert document.headers == {MINIMUM_SIZE_HEADER: "varies_by_storage_class"}
    assert b"varies" not in document.body
    assert as_json(document)["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"
