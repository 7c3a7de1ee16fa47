"""A page of a PDF, drawn by a process of its own."""

from __future__ import annotations

import io
import subprocess

import pytest

from s4desk.core.domain.identity import Location
from s4desk.core.domain.objects import ObjectMeta
from s4desk.viewmodels.pdf_page import LARGEST, command, draw, drawn_page, is_pdf
from s4desk.viewmodels.preview import document_barrier, look

pypdfium2 = pytest.importorskip("pypdfium2")


def document(*sizes: tuple[int, int]) -> bytes:
    pdf = pypdfium2.PdfDocument.new()
    for size in sizes:
        pdf.new_page(*size)
    file = io.BytesIO()
    pdf.save(file)
    pdf.close()
    return file.getvalue()


def test_the_first_page_is_drawn_by_another_process():
    data = document((300, 600), (100, 100))
    assert is_pdf(data)
    done = subprocess.run(command(), input=data, capture_output=True, check=True, timeout=60)
    page = drawn_page(done.stdout)
    assert page is not None
    assert (page.width, page.height, page.pages) == (LARGEST // 2, LARGEST, 2)
    assert set(page.pixels[: page.width * 3]) == {255}


def test_a_small_page_is_not_blown_up_without_end():
    page = drawn_page(draw(document((10, 20))))
    assert page is not None
    assert (page.width, page.height) == (40, 80)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nnothing", b"\0" * 100])
def test_what_is_no_document_is_none(data: bytes):
    done = subprocess.run(command(), input=data, capture_output=True, check=False, timeout=60)
    assert done.returncode != 0
    assert drawn_page(done.stdout) is None


def test_pixels_that_are_not_all_there_are_none():
    whole = draw(document((10, 20)))
    assert drawn_page(whole) is not None
    assert drawn_page(whole[:-1]) is None
    assert drawn_page(b"\1") is None


def test_without_the_library_it_is_said():
    data = b"%PDF-1.7\n\0\1\2\3"
    meta = ObjectMeta(Location("b", "a.pdf"), len(data), None, "e")
    assert "s4desk[pdf]" in look(meta, data).notes[1]


def test_large_documents_are_fetched_on_demand():
    assert document_barrier(1000, is_wanted=False) == ""
    assert "large" in document_barrier(40 * 1024**2, is_wanted=False)
    assert document_barrier(40 * 1024**2, is_wanted=True) == ""
    assert "too large" in document_barrier(300 * 1024**2, is_wanted=True)
