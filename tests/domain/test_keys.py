from __future__ import annotations

from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.keys import decode_listed, encode_key, encode_value

KEYS = st.binary(max_size=40).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@given(KEYS)
def test_an_encoded_key_is_the_same_bytes(key: str) -> None:
    assert unquote_to_bytes(encode_key(key)) == key.encode("utf-8", "surrogateescape")
    assert unquote_to_bytes(encode_value(key)) == key.encode("utf-8", "surrogateescape")


@given(KEYS)
def test_an_encoded_key_is_plain_ascii_without_reserved_characters(key: str) -> None:
    plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%"
    assert set(encode_key(key)) <= {*plain, "/"}
    assert set(encode_value(key)) <= set(plain)


def test_nothing_is_normalised() -> None:
    assert encode_key("/a//b/../c/") == "/a//b/../c/"


@given(KEYS)
def test_a_listed_key_is_the_same_key_in_both_spellings_of_a_space(key: str) -> None:
    percent = encode_value(key)
    assert decode_listed(percent) == key
    assert decode_listed(percent.replace("%20", "+")) == key
