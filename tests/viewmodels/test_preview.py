"""How the bytes of an object are looked at: whatever they are, something is shown."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import Attributes, ObjectMeta
from s4desk.viewmodels.preview import (
    IMAGE_LIMIT,
    IMAGE_MOST,
    MAX_LINE,
    MAX_LINES,
    TEXT_LIMIT,
    Form,
    Preview,
    archive_text,
    look,
    picture_format,
    size_barrier,
)
from s4desk.viewmodels.structured_text import MAX_INDENT, has_header, json_lines, table_rows
from s4desk.viewmodels.text_decoding import ENCODINGS, decode, encoding_label, is_binary

NAMES = ("a", "a.txt", "a.json", "a.jsonl", "a.csv", "a.tsv", "a.md", "a.gz", "a.csv.gz", "a.png")


def meta(name: str, size: int, content_type: str = "", **told: str) -> ObjectMeta:
    attributes = Attributes(content_type=content_type)
    headers = {key.replace("_", "-"): value for key, value in told.items()}
    place = Location("b", name)
    return ObjectMeta(place, size, None, "e", attributes=attributes, headers=headers)


def seen(data: bytes, name: str = "a.txt", *, size: int = 0, encoding: str = "") -> Preview:
    return look(meta(name, size or len(data)), data, encoding)


ODD = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(alphabet='[]{},:"\\ \n1a', max_size=200).map(str.encode),
    st.text(alphabet='",;\t|\n\r\0x', max_size=200).map(str.encode),
    st.binary(max_size=100).map(gzip.compress),
    st.text(max_size=100).map(lambda text: text.encode("utf-16", "surrogatepass")),
)


@given(ODD, st.sampled_from(NAMES), st.sampled_from(("", *ENCODINGS)), st.integers(0, 10))
def test_no_bytes_are_too_odd(data, name, encoding, beyond):
    shown = look(meta(name, len(data) + beyond), data, encoding)
    shown.text.encode()  # what the window draws has no half characters
    assert shown.form is Form.TABLE or "\r" not in shown.text or shown.form is Form.MARKDOWN


# Text


@pytest.mark.parametrize(
    ("data", "encoding", "is_guessed"),
    [
        ("Grüße".encode(), "utf-8", False),
        ("Grüße".encode("utf-8-sig"), "utf-8", False),
        ("Grüße".encode("utf-16"), "utf-16-le", False),
        (b"\xfe\xff" + "Grüße".encode("utf-16-be"), "utf-16-be", False),
        ("Grüße".encode("utf-32"), "utf-32-le", False),
        ("Grüße".encode("utf-16-le"), "utf-16-le", True),
        ("Grüße".encode("utf-16-be"), "utf-16-be", True),
        ("Grüße – €".encode("cp1252"), "cp1252", True),
        ("Gr\x81\xfc".encode("iso8859-1"), "iso8859-1", True),
    ],
)
def test_the_encoding_is_found(data, encoding, is_guessed):
    decoded = decode(data)
    assert (decoded.encoding, decoded.is_guessed) == (encoding, is_guessed)
    assert decoded.text[:2] == "Gr"
    assert not decoded.text.startswith("\ufeff")


def test_a_character_that_is_cut_is_left_out():
    assert decode("é€".encode()[:-1]).text == "é"
    assert decode("é€".encode()[:-1]).encoding == "utf-8"


_JAPANESE = "請求書の一覧をご確認ください。\n名前,住所\n山田太郎,東京都\n"
_CHINESE = "这是一个中文文本文件，用于测试编码检测。\n姓名,地址\n张三,北京市\n"
_TAIWANESE = "這是一個中文文字檔案，用於測試編碼檢測。\n姓名,地址\n張三,臺北市\n"
_KOREAN = "이것은 한국어 텍스트 파일입니다. 인코딩 감지를 테스트합니다.\n이름,주소\n"
_RUSSIAN = "Это русский текстовый файл для проверки.\nИмя,Адрес\n"


@pytest.mark.parametrize("times", [1, 3000])
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_JAPANESE, "shift_jis"),
        (_JAPANESE, "euc_jp"),
        (_CHINESE, "gb18030"),
        (_TAIWANESE, "big5"),
        (_KOREAN, "euc_kr"),
        (_RUSSIAN, "koi8_r"),
        (_RUSSIAN, "cp1251"),
        ("Größe der Straße, Müller GmbH\n", "cp1252"),
        ("Les élèves ont été reçus à l'école, déjà.\n", "cp1252"),
        ("café au lait", "cp1252"),
        ("Preis: 5 €, Müller\n", "cp1252"),
        ("naïve\n", "cp1252"),
    ],
)
def test_writing_that_is_not_western_is_found(text, encoding, times):
    data = (text * times).encode(encoding)
    decoded = decode(data)
    assert (decoded.encoding, decoded.is_guessed) == (encoding, True)
    assert decoded.text == text * times


@pytest.mark.parametrize("encoding", ["shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"])
@pytest.mark.parametrize("end", [-1, -2, -3, -4])
def test_writing_is_found_that_is_cut_in_the_middle_of_a_character(encoding, end):
    text = {"gb18030": _CHINESE, "big5": _TAIWANESE, "euc_kr": _KOREAN}.get(encoding, _JAPANESE)
    whole = (text * 2000).encode(encoding)
    for at in (len(whole) + end, 70_000 + end):
        assert decode(whole[:at]).encoding == encoding


def test_a_chosen_encoding_is_taken_and_what_does_not_fit_replaced():
    assert seen("привет".encode("cp1251"), encoding="cp1251").text == "привет"
    assert seen(b"\xff\xfeab", encoding="utf-8").text == "\ufffd\ufffdab"
    assert all(encoding_label(each) != each for each in ENCODINGS)


def test_bytes_that_are_no_text_are_dumped():
    data = bytes(range(256)) * 32
    assert is_binary(data)
    shown = seen(data)
    first = shown.text.splitlines()[2]
    assert first.startswith("00000020  20 21 22")
    assert first.endswith("!\"#$%&'()*+,-./")
    assert len(shown.text.splitlines()) == 4096 // 16
    assert shown.notes == ("No text: the first 4.0 KiB of 8.0 KiB are shown.",)
    assert seen(b"\0\1\2").notes == ("No text: its bytes are shown.",)


def test_escapes_of_terminals_are_still_text():
    assert not is_binary(b"\x1b[31mred\x1b[0m\n" * 10)


def test_what_is_cut_says_so():
    assert seen(b"x" * 10, size=TEXT_LIMIT * 3).notes == ("The first 10 B of 3.0 MiB are shown.",)


def test_long_lines_are_broken_and_many_lines_cut():
    shown = seen(b"x" * (MAX_LINE * 2 + 1))
    assert [len(line) for line in shown.text.split("\n")] == [MAX_LINE, MAX_LINE, 1]
    assert shown.notes == ("Long lines are broken.",)
    shown = seen(b"\n" * (MAX_LINES + 5))
    assert len(shown.text.split("\n")) == MAX_LINES
    assert "lines are shown" in shown.notes[0]


def test_packed_text_is_unpacked_and_a_bomb_only_begun():
    assert seen(gzip.compress(b"a,b\n1,2\n"), "t.csv.gz").rows == [["1", "2"]]
    assert seen(gzip.compress(b"hello"), "t").text == "hello"
    bomb = gzip.compress(b"x" * 50 * TEXT_LIMIT)
    shown = seen(bomb, "t.txt.gz")
    assert len(shown.text) < TEXT_LIMIT * 1.1
    assert shown.notes[:2] == ("Unpacked from gzip.", "The first 1.0 MiB are shown.")
    assert "No text" in seen(gzip.compress(bytes(100)), "t.gz").notes[0]


# JSON


@pytest.mark.parametrize("value", [{"a": [1, {"b": []}], "c": 'x: {y}, \\" z'}, [], [[]], "é", 0])
def test_indented_json_means_the_same(value):
    text = json.dumps(value)
    shown = seen(text.encode(), "a.json")
    assert json.loads(shown.text) == value
    assert shown.notes == ()


def test_json_is_indented_and_loses_nothing():
    shown = seen(b'{"a":1.10,"a":1e999,"s":"\\u00e9"}', "a.json")
    assert shown.text == '{\n  "a": 1.10,\n  "a": 1e999,\n  "s": "\\u00e9"\n}'


def test_json_is_known_by_its_type_and_by_its_looks():
    assert look(meta("a", 7, "application/problem+json"), b'{"a":1}').text.count("\n") == 2
    assert seen(b'{"a":1}', "a").text.count("\n") == 2
    assert seen(b'{"a":1}', "a.txt").text == '{"a":1}'


def test_what_is_no_json_is_shown_as_it_is():
    shown = seen(b'{"a": oops', "a.json")
    assert (shown.text, shown.notes) == (
        '{"a": oops',
        ("It is no valid JSON, and shown as it is.",),
    )


def test_json_that_is_cut_is_indented_as_far_as_it_goes():
    shown = seen(b'{"a": [1, {"b": "tr', "a.json", size=999)
    assert shown.text.splitlines()[-1] == '      "b": "tr'


def test_deep_json_does_not_grow_without_end():
    lines = list(json_lines("[" * 100_000, 50_000))
    assert len(lines) == 50_000
    assert max(map(len, lines)) == 2 * MAX_INDENT + 1
    assert seen(b"[" * 100_000 + b"]" * 100_000, "a.json").text


def test_each_line_of_json_lines_is_indented():
    shown = seen(b'{"a":1}\n{"b":2}\nno', "a.jsonl")
    assert shown.text == '{\n  "a": 1\n}\n{\n  "b": 2\n}\nno'


# Tables


@pytest.mark.parametrize(
    ("data", "name"),
    [(b"a,b\n1,2\n", "t.csv"), (b"a;b\n1;2\n", "t.csv"), (b"a\tb\n1\t2\n", "t.tsv")],
)
def test_a_table_is_a_table(data, name):
    shown = seen(data, name)
    assert (shown.form, shown.header, shown.rows) == (Form.TABLE, ["a", "b"], [["1", "2"]])


def test_a_table_is_known_by_its_type():
    assert look(meta("x", 8, "text/csv; charset=utf-8"), b"a,b\n1,2\n").form is Form.TABLE


def test_the_first_rows_of_a_long_table_are_shown():
    data = "a,b\n" + "1,2\n" * 3000
    shown = seen(data.encode(), "t.csv")
    assert len(shown.rows) == 1000
    assert "rows are shown" in shown.notes[0]


def test_a_row_that_is_cut_is_left_out():
    shown = seen(b"a,b\n1,2\n3", "t.csv", size=99)
    assert shown.rows == [["1", "2"]]


def test_what_is_no_table_is_text():
    assert seen(b"only words", "t.csv").form is Form.TEXT
    assert table_rows('"' + "x" * 200_000) == []


def test_numbers_and_doubles_are_no_header():
    assert not has_header([["a", "1"], ["b", "2"]])
    assert not has_header([["a", "a"], ["b", "2"]])
    assert not has_header([["a", "b"]])
    assert has_header([["a", "b"], ["1", "2"]])


# Markdown, images, archives


def test_markdown_is_drawn_unless_that_takes_too_long():
    assert seen(b"# Hi", "a.md").form is Form.MARKDOWN
    assert seen(b"| a " * 2000, "a.md").form is Form.TEXT
    assert seen(b"# Hi\n" * 20_000, "a.md").form is Form.TEXT
    assert seen(b"|a|b|\n|-|-|\n" + b"|1|2|\n" * 1000, "a.md").form is Form.TEXT


def test_images_are_known_by_their_content():
    assert picture_format(b"\x89PNG\r\n\x1a\n....") == "png"
    assert picture_format(b"\xff\xd8\xff\xe0") == "jpeg"
    assert picture_format(b"RIFF\0\0\0\0WEBPVP8 ") == "webp"
    assert picture_format(b"BM" + bytes(12) + (40).to_bytes(4, "little")) == "bmp"
    assert picture_format(b"BMX is a sport, and no image") == ""
    assert picture_format(b"<svg xmlns=''>") == ""


def test_large_images_are_asked_about_and_huge_ones_refused():
    assert size_barrier(IMAGE_LIMIT, is_wanted=False) == ""
    assert size_barrier(IMAGE_LIMIT + 1, is_wanted=False) == "This image is large: 32.0 MiB."
    assert size_barrier(IMAGE_LIMIT + 1, is_wanted=True) == ""
    assert "too large" in size_barrier(IMAGE_MOST + 1, is_wanted=True)


def test_archived_objects_are_not_read_until_they_are_restored():
    cold = ObjectMeta(Location("b", "k"), 1, None, "e", storage_class="DEEP_ARCHIVE")
    assert "archived (DEEP_ARCHIVE)" in archive_text(cold)
    restored = {"x-amz-restore": 'ongoing-request="false", expiry-date="Fri"'}
    ready = ObjectMeta(Location("b", "k"), 1, None, "e", storage_class="GLACIER", headers=restored)
    assert archive_text(ready) == ""
    assert archive_text(meta("k", 1)) == ""
    assert "ARCHIVE_ACCESS" in archive_text(meta("k", 1, x_amz_archive_status="ARCHIVE_ACCESS"))
