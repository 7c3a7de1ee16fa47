"""What JSON does not know of a configuration survives every change of what it knows."""

from __future__ import annotations

from copy import deepcopy
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.bucket_config import FACTS, S3_NAMESPACE, BucketDocument, ConfigKind
from s4desk.core.domain.config_json import (
    as_json,
    from_json,
    is_set,
    neutral,
    policy_document,
    sendable,
)
from s4desk.core.domain.errors import MalformedReplyError, ValidationError
from s4desk.core.domain.xml_tree import parse

LIFECYCLE = ConfigKind.LIFECYCLE
ODD = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- kept --><s:LifecycleConfiguration xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"
    xmlns:v="urn:vendor" v:revision="7">
  <!-- the first -->
  <s:Rule>
    <s:ID>a&amp;b</s:ID><s:Status>Enabled</s:Status><s:Filter/>
    <v:Extra mode='x'>t<v:In>1</v:In><![CDATA[<raw>]]></v:Extra>
    <s:Expiration><s:Days>30</s:Days><s:Weeks>3</s:Weeks></s:Expiration>
  </s:Rule>
  <s:Rule><s:ID>two</s:ID><s:Status>Enabled</s:Status><s:Filter><s:And><s:Prefix>x</s:Prefix>\
<s:Tag><s:Key>k</s:Key><s:Value>v</s:Value></s:Tag></s:And></s:Filter></s:Rule>
</s:LifecycleConfiguration>
<?end here?>"""


def odd():
    return BucketDocument(LIFECYCLE, ODD)


def test_what_is_unknown_is_shown_as_it_is_called():
    value = as_json(odd())
    assert value["@{urn:vendor}revision"] == "7"
    first, second = value["Rules"]
    assert first["{urn:vendor}Extra"] == {
        "@mode": "x",
        "#text": "t<raw>",
        "{urn:vendor}In": "1",
    }
    assert first["Expiration"] == {"Days": 30, "Weeks": "3"}
    assert second["Filter"]["And"]["Tags"] == [{"Key": "k", "Value": "v"}]


def test_a_document_is_written_as_it_was_read():
    odd_spaces = b"<a\n b = '1'\t><c ></c ><d\n/></a\n>\n"
    for body in (ODD, odd_spaces):
        assert bytes(parse(body)) == body


def test_attributes_are_read_as_xml_has_them():
    (attribute,) = parse(b"<a b='1\r\n2\t3&#10;4&quot;'/>").root.attributes
    assert attribute.value == '1 2 3\n4"'


def test_the_same_json_is_the_same_document():
    document = odd()
    assert from_json(LIFECYCLE, as_json(document), document) is document


def test_a_change_of_one_field_changes_one_place():
    value = as_json(odd())
    value["Rules"][0]["Expiration"]["Days"] = 31
    changed = from_json(LIFECYCLE, value, odd())
    assert changed.body == ODD.replace(b"<s:Days>30<", b"<s:Days>31<")


def test_what_comes_stands_beside_its_like_in_the_same_namespace():
    value = as_json(odd())
    value["Rules"][1]["Filter"]["And"]["Tags"].append({"Key": "n", "Value": "<m>"})
    value["Rules"].append({"ID": "three", "Status": "Disabled", "Filter": {}})
    body = from_json(LIFECYCLE, value, odd()).body
    tag = b"<s:Tag><s:Key>n</s:Key><s:Value>&lt;m&gt;</s:Value></s:Tag>"
    rule = b"\n  <s:Rule><s:ID>three</s:ID><s:Status>Disabled</s:Status><s:Filter/></s:Rule>"
    assert body == ODD.replace(b"</s:And>", tag + b"</s:And>").replace(
        b"</s:Filter></s:Rule>", b"</s:Filter></s:Rule>" + rule
    )


def test_what_goes_takes_nothing_with_it():
    value = as_json(odd())
    del value["Rules"][0]
    body = from_json(LIFECYCLE, value, odd()).body
    assert b"a&amp;b" not in body
    for kept in (b"<!-- kept -->", b"<!-- the first -->", b"<?end here?>", b'v:revision="7"'):
        assert kept in body
    assert ODD.partition(b"<s:ID>two")[2] in body


def test_rules_in_another_order_keep_what_is_theirs():
    value = as_json(odd())
    value["Rules"].reverse()
    changed = from_json(LIFECYCLE, value, odd())
    assert as_json(changed) == value
    assert b"<v:Extra mode='x'>t<v:In>1</v:In><![CDATA[<raw>]]></v:Extra>" in changed.body


def test_attributes_and_text_of_what_is_unknown_can_be_changed():
    value = as_json(odd())
    extra = value["Rules"][0]["{urn:vendor}Extra"]
    extra |= {"@mode": 'y "&', "@{urn:o}more": "1", "#text": "other"}
    changed = from_json(LIFECYCLE, value, odd())
    assert as_json(changed) == value
    del extra["#text"], extra["@mode"]
    assert as_json(from_json(LIFECYCLE, value, changed)) == value


def test_what_json_does_not_show_stays_with_its_namesake():
    rules = "".join(f"<Rule><!-- of {id_} --><ID>{id_}</ID><New>1</New></Rule>" for id_ in "ab")
    document = BucketDocument(
        LIFECYCLE, f"<LifecycleConfiguration>{rules}</LifecycleConfiguration>".encode()
    )
    value = {"Rules": [{"ID": "b", "New": "2"}, {"ID": "a", "New": "2"}]}
    body = from_json(LIFECYCLE, value, document).body
    assert b"<Rule><!-- of b --><ID>b</ID><New>2</New></Rule><Rule><!-- of a -->" in body


def test_text_in_place_of_a_structure_leaves_nothing_of_it():
    body = b'<Lifecycle><New since="1">a</New><Old><Er>1</Er></Old></Lifecycle>'
    value = {"New": "b", "Old": "c"}
    changed = from_json(LIFECYCLE, value, BucketDocument(LIFECYCLE, body))
    assert as_json(changed) == value


def test_an_element_that_is_called_as_json_calls_another_is_told_apart():
    inside = b"<Rules>odd</Rules><Rule><ID>1</ID></Rule>"
    body = b"<LifecycleConfiguration>" + inside + b"</LifecycleConfiguration>"
    document = BucketDocument(LIFECYCLE, body)
    assert as_json(document) == {"{}Rules": "odd", "Rules": [{"ID": "1"}]}
    value = {"{}Rules": "even", "Rules": [{"ID": "1"}]}
    assert from_json(LIFECYCLE, value, document).body == body.replace(b"odd", b"even")


@pytest.mark.parametrize("text", ["a\r\nb\tc", " led and trailed ", "]]>", "&amp;", "<!-- -->"])
def test_any_text_arrives_as_it_was(text):
    value = {"New": text, "Other": {"@a": text, "#text": text}}
    assert as_json(from_json(LIFECYCLE, value)) == value


def test_without_a_document_all_is_said_all_the_same():
    value = as_json(odd())
    assert as_json(from_json(LIFECYCLE, value)) == value


UNKNOWN = (
    b'<New since="2031"><Deep><Er>1</Er></Deep></New><v:Own xmlns:v="urn:v" v:a="1">&#228;</v:Own>'
)
SAMPLES = {
    ConfigKind.VERSIONING: ({"Status": "Enabled"}, ("Status", "Suspended")),
    ConfigKind.OBJECT_LOCK: (
        {"Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}},
        ("Rule", {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}),
    ),
    ConfigKind.ENCRYPTION: (
        {"Rules": [{"BucketKeyEnabled": True}]},
        ("Rules", [{"BucketKeyEnabled": False}]),
    ),
    LIFECYCLE: ({"Rules": [{"ID": "1"}]}, ("Rules", [{"ID": "1"}, {"ID": "2"}])),
    ConfigKind.REPLICATION: ({"Role": "a", "Rules": [{"ID": "1"}]}, ("Role", "b")),
    ConfigKind.PUBLIC_ACCESS_BLOCK: ({"BlockPublicAcls": True}, ("BlockPublicAcls", False)),
    ConfigKind.OWNERSHIP: (
        {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        ("Rules", [{"ObjectOwnership": "BucketOwnerEnforced"}]),
    ),
    ConfigKind.ACL: (
        {"Grants": [{"Grantee": {"Type": "Group", "URI": "u"}, "Permission": "READ"}]},
        ("Grants", [{"Grantee": {"Type": "CanonicalUser", "ID": "i"}, "Permission": "READ"}]),
    ),
    ConfigKind.CORS: ({"CORSRules": [{"MaxAgeSeconds": 1}]}, ("CORSRules", [{"ID": "x"}])),
    ConfigKind.TAGGING: (
        {"TagSet": [{"Key": "a", "Value": "1"}]},
        ("TagSet", [{"Key": "b", "Value": ""}]),
    ),
    ConfigKind.WEBSITE: (
        {"IndexDocument": {"Suffix": "i"}, "RoutingRules": [{"Redirect": {"HostName": "h"}}]},
        ("RoutingRules", []),
    ),
    ConfigKind.LOGGING: (
        {"LoggingEnabled": {"TargetBucket": "a", "TargetPrefix": ""}},
        ("LoggingEnabled", {"TargetBucket": "b", "TargetPrefix": "p"}),
    ),
    ConfigKind.NOTIFICATION: (
        {"EventBridgeConfiguration": {}, "TopicConfigurations": [{"Events": ["a", "b"]}]},
        ("TopicConfigurations", [{"Events": ["b"], "TopicArn": "t"}]),
    ),
    ConfigKind.REQUEST_PAYMENT: ({"Payer": "Requester"}, ("Payer", "BucketOwner")),
    ConfigKind.ACCELERATE: ({"Status": "Enabled"}, ("Status", "Suspended")),
    ConfigKind.INTELLIGENT_TIERING: (
        {"Id": "i", "Tierings": [{"Days": 90}]},
        ("Tierings", [{"Days": 180}]),
    ),
    ConfigKind.INVENTORY: (
        {"Id": "i", "IsEnabled": True, "OptionalFields": ["Size"]},
        ("OptionalFields", ["Size", "ETag"]),
    ),
    ConfigKind.ANALYTICS: ({"Id": "i", "Filter": {"Prefix": "a"}}, ("Filter", {"Prefix": "b"})),
    ConfigKind.METRICS: ({"Id": "i", "Filter": {"Prefix": "a"}}, ("Filter", {"Prefix": "b"})),
}


def test_there_is_a_sample_of_every_kind():
    assert SAMPLES.keys() == set(ConfigKind) - {ConfigKind.POLICY}


def plain(body):
    """A document without what only its writer sees: prefixes, and where a name comes from."""
    return ET.canonicalize(body, strip_text=True, rewrite_prefixes=True)


@pytest.mark.parametrize("namespace", [S3_NAMESPACE, ""])
@pytest.mark.parametrize("kind", SAMPLES)
def test_every_kind_keeps_unknown_fields_through_a_change(kind, namespace):
    """Unknown ones at the top and at the innermost ends of the document."""
    known, (name, wanted) = SAMPLES[kind]
    new, old = (
        from_json(kind, each).body.replace(S3_NAMESPACE.encode(), namespace.encode())
        for each in (known | {name: wanted}, known)
    )
    end = f"</{FACTS[kind].root}>".encode()
    document = BucketDocument(kind, old.replace(end, UNKNOWN + end))
    value = as_json(document)
    assert value["New"] == {"@since": "2031", "Deep": {"Er": "1"}}
    assert value["{urn:v}Own"] == {"@{urn:v}a": "1", "#text": "ä"}
    assert {each: value[each] for each in known} == known
    changed = from_json(kind, value | {name: wanted}, document)
    assert UNKNOWN in changed.body
    assert plain(changed.body) == plain(new.replace(end, UNKNOWN + end))


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_element_keeps_what_is_unknown_in_it(kind):
    """Each element of the sample holds an unknown one; another field is changed."""
    known, _ = SAMPLES[kind]
    root = ET.fromstring(from_json(kind, known | {"Untouched": "1"}).body)
    for element in list(root.iter()):
        if len(element):
            ET.SubElement(element, "{urn:v}own").set("{urn:v}a", "1")
    document = BucketDocument(kind, ET.tostring(root))
    value = as_json(document) | {"Untouched": "2"}
    changed = from_json(kind, value, document)
    assert changed.body == document.body.replace(b"Untouched>1<", b"Untouched>2<")


names = st.sampled_from(["Rules", "ID", "Filter", "Prefix", "Days", "New", "{urn:v}New", "Tags"])
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=5).filter(
    lambda text: not set(text) & {"\ufffe", "\uffff"} and text.strip() == text
)
values = st.recursive(
    texts, lambda inner: st.dictionaries(names, inner, min_size=1, max_size=4), max_leaves=12
)


@given(st.dictionaries(names, values, max_size=4), st.dictionaries(names, values, max_size=4))
def test_any_json_over_any_other_says_only_the_new(old, new):
    """Lists of one are lists in JSON only where S3 knows them as such: so compared as read."""
    before = from_json(LIFECYCLE, old)
    after = from_json(LIFECYCLE, new, before)
    assert as_json(after) == as_json(from_json(LIFECYCLE, new))


@pytest.mark.parametrize(
    "value",
    [
        {"No name": "1"},
        {"": "1"},
        {"Rules": [["nested"]]},
        {"Rules": [{"ID": "\x00"}]},
        {"Rules": [{"ID": b"1"}]},
        {"<Rules/>": "1"},
        {"@a b": "1"},
    ],
)
def test_what_no_document_can_say_is_refused(value):
    with pytest.raises(ValidationError):
        from_json(LIFECYCLE, value)


def test_a_list_is_needed_where_s3_has_one():
    with pytest.raises(ValidationError, match="TagSet"):
        from_json(ConfigKind.TAGGING, {"TagSet": "a"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<VersioningConfiguration/>",
        b'<?xml version="1.0"?>\n<VersioningConfiguration xmlns="x">\n</VersioningConfiguration>',
    ],
)
def test_an_empty_document_sets_nothing(body):
    assert not is_set(BucketDocument(ConfigKind.VERSIONING, body))
    assert as_json(BucketDocument(ConfigKind.VERSIONING, body)) == {}


def test_what_every_bucket_has_is_not_set():
    private = {
        "Owner": {"ID": "o"},
        "Grants": [{"Grantee": {"ID": "o", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}],
    }
    shared = deepcopy(private)
    shared["Grants"].append({"Grantee": {"URI": "u", "Type": "Group"}, "Permission": "READ"})
    assert not is_set(None)
    assert not is_set(from_json(ConfigKind.ACL, private))
    assert is_set(from_json(ConfigKind.ACL, shared))
    assert not is_set(from_json(ConfigKind.REQUEST_PAYMENT, {"Payer": "BucketOwner"}))
    assert is_set(from_json(ConfigKind.REQUEST_PAYMENT, {"Payer": "Requester"}))


CEPH = (
    b"<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>d/</Prefix><And>"
    b"<Tag><Key>k</Key><Value>v</Value></Tag><Tag><Key>t</Key><Value></Value></Tag>"
    b"</And></Filter></Rule><Rule><Filter><Prefix>e/</Prefix></Filter></Rule>"
    b"</LifecycleConfiguration>"
)
"""A prefix and two tags, as Ceph tells them."""


def test_what_stands_beside_an_and_is_sent_in_it():
    sent = sendable(BucketDocument(ConfigKind.LIFECYCLE, CEPH))
    assert sent.body == CEPH.replace(b"<Prefix>d/</Prefix><And>", b"<And><Prefix>d/</Prefix>")
    assert sendable(sent) is sent
    [rule, other] = as_json(sent)["Rules"]
    assert rule["Filter"]["And"]["Prefix"] == "d/"
    assert [each["Key"] for each in rule["Filter"]["And"]["Tags"]] == ["k", "t"]
    assert other["Filter"] == {"Prefix": "e/"}


def test_what_is_in_an_and_already_is_not_told_twice():
    both = CEPH.replace(b"<And>", b"<And><Prefix>f/</Prefix>")
    document = BucketDocument(ConfigKind.LIFECYCLE, both)
    assert sendable(document) is document


def test_a_root_that_only_replies_have_is_not_sent():
    body = b'<GetBucketCorsOutput a="1"><CORSRule><ID>1</ID></CORSRule></GetBucketCorsOutput>'
    document = BucketDocument(ConfigKind.CORS, body)
    assert sendable(document).body == body.replace(b"GetBucketCorsOutput", b"CORSConfiguration")
    changed = from_json(ConfigKind.CORS, as_json(document) | {"New": "1"}, document)
    assert as_json(changed)["@a"] == "1"
    assert changed.body.startswith(b"<CORSConfiguration")


def test_a_number_or_flag_that_is_none_stays_text():
    body = (
        b"<LifecycleConfiguration><Rule><Expiration><Days>many</Days><ExpiredObjectDeleteMarker>"
        b"perhaps</ExpiredObjectDeleteMarker></Expiration></Rule></LifecycleConfiguration>"
    )
    value = as_json(BucketDocument(LIFECYCLE, body))
    assert value["Rules"][0]["Expiration"] == {
        "Days": "many",
        "ExpiredObjectDeleteMarker": "perhaps",
    }


def test_a_field_said_twice_is_shown_twice():
    body = (
        b"<VersioningConfiguration><Status>a</Status><Status>b</Status></VersioningConfiguration>"
    )
    document = BucketDocument(ConfigKind.VERSIONING, body)
    assert as_json(document) == {"Status": ["a", "b"]}
    changed = from_json(ConfigKind.VERSIONING, {"Status": "b"}, document)
    assert changed.body.count(b"<Status>") == 1


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><VersioningConfiguration>&x;</VersioningConfiguration>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><VersioningConfiguration/>',
        b"<VersioningConfiguration>&undeclared;</VersioningConfiguration>",
        b"<VersioningConfiguration><Status></VersioningConfiguration>",
        b"<VersioningConfiguration/><Second/>",
        b"<VersioningConfiguration>\xff</VersioningConfiguration>",
        b"<a>" * 5000 + b"</a>" * 5000,
        b'{"no": "XML"}',
        b"<VersioningConfiguration><v:Unbound/></VersioningConfiguration>",
    ],
)
def test_what_is_no_safe_xml_is_not_read(body):
    with pytest.raises(MalformedReplyError):
        as_json(BucketDocument(ConfigKind.VERSIONING, body))


def test_a_policy_is_the_json_that_it_is():
    text = '{ "Version" : "2012-10-17", "Statement": [],\n "New": {"ä": 1} }'
    document = policy_document(text)
    assert document.body == text.encode()
    value = as_json(document)
    assert from_json(ConfigKind.POLICY, value, document) is document
    assert as_json(from_json(ConfigKind.POLICY, value | {"Id": "x"}, document))["New"] == {"ä": 1}
    for wrong in ("[]", "{", "", '"a"'):
        with pytest.raises(ValidationError):
            policy_document(wrong)


@pytest.mark.parametrize("kind", ConfigKind)
def test_neutral_is_written_where_nothing_can_be_removed(kind):
    instead = neutral(kind)
    assert (instead is None) is (FACTS[kind].neutral is None)
    assert instead is None or not is_set(instead) or as_json(instead)
