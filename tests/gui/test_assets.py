"""Icons and colours, light and dark."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QRadioButton, QTabWidget, QWidget

from s4desk.core.persist.settings import Theme
from s4desk.gui.assets import Assets, fusion_palette


@pytest.fixture
def assets(qapp):
    qapp.setStyleSheet("")  # the style below a sheet has no name
    assets = Assets(qapp)
    yield assets
    assets.set_theme(Theme.SYSTEM)


def inks(icon: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    """The colours of the opaque pixels."""
    image = icon.pixmap(QSize(32, 32), 1.0, mode).toImage()
    pixels = [image.pixelColor(x, y) for x in range(32) for y in range(32)]
    return {pixel.name() for pixel in pixels if pixel.alpha() == 255}


def test_an_icon_has_the_colour_of_the_text_and_follows_it(assets, qapp):
    icon = assets.icon("upload")
    assets.set_theme(Theme.LIGHT)
    light = inks(icon)
    assert light == {qapp.palette().color(QPalette.ColorRole.WindowText).name()}
    assets.set_theme(Theme.DARK)
    assert assets.is_dark
    assert inks(icon) == {qapp.palette().color(QPalette.ColorRole.WindowText).name()} != light


def test_a_disabled_icon_is_faded_and_a_selected_one_stands_out(assets, qapp):
    icon = assets.icon("delete")
    faded = qapp.palette().color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.WindowText)
    assert inks(icon, QIcon.Mode.Disabled) == {faded.name()}
    chosen = qapp.palette().color(QPalette.ColorRole.HighlightedText)
    assert inks(icon, QIcon.Mode.Selected) == {chosen.name()}


def test_an_icon_is_sharp_on_a_dense_screen(assets):
    pixmap = assets.icon("upload").pixmap(QSize(18, 18), 2.0, QIcon.Mode.Normal)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (36, 2.0)


def test_an_icon_that_does_not_exist_is_empty(assets):
    assert inks(assets.icon("no-such-thing")) == set()


def test_a_copy_that_is_changed_does_not_end_the_process(assets):
    copy = QIcon(assets.icon("upload"))
    copy.addPixmap(QPixmap(8, 8))
    assert inks(copy) == inks(assets.icon("upload"))
    del copy
    gc.collect()
    assert inks(assets.icon("upload"))


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("group", [QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (QPalette.ColorRole.WindowText, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Text, QPalette.ColorRole.Base),
        (QPalette.ColorRole.HighlightedText, QPalette.ColorRole.Highlight),
        (QPalette.ColorRole.PlaceholderText, QPalette.ColorRole.Base),
        (QPalette.ColorRole.BrightText, QPalette.ColorRole.Window),
        (QPalette.ColorRole.Link, QPalette.ColorRole.Base),
        (QPalette.ColorRole.ToolTipText, QPalette.ColorRole.ToolTipBase),
    ],
)
def test_text_can_be_read_on_its_ground(is_dark, group, text, ground):
    """WCAG 2.2, 1.4.3 asks for 4.5; placeholders and resting selections get along with 3.5."""
    palette = fusion_palette(is_dark=is_dark)
    ratio = contrast(palette.color(group, text), palette.color(group, ground))
    is_faint = text is QPalette.ColorRole.PlaceholderText or (
        ground is QPalette.ColorRole.Highlight and group is QPalette.ColorGroup.Inactive
    )
    assert ratio >= (3.5 if is_faint else 4.5)


@pytest.mark.parametrize("is_dark", [False, True])
def test_high_contrast_is_high(is_dark):
    """WCAG 2.2, 1.4.6 asks for 7 for texts, 1.4.11 for 3 for lines."""
    palette = fusion_palette(is_dark=is_dark, is_strong=True)
    role = QPalette.ColorRole
    for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
        for text, ground in (
            (role.WindowText, role.Window),
            (role.Text, role.Base),
            (role.ButtonText, role.Button),
            (role.PlaceholderText, role.Base),
            (role.BrightText, role.Window),
            (role.Link, role.Base),
            (role.HighlightedText, role.Highlight),
            (role.ToolTipText, role.ToolTipBase),
        ):
            assert contrast(palette.color(group, text), palette.color(group, ground)) >= 7, text
        assert contrast(palette.color(group, role.Mid), palette.color(group, role.Window)) >= 4.5
    faded = palette.color(QPalette.ColorGroup.Disabled, role.Text)
    assert contrast(faded, palette.color(role.Base)) >= 4.5


def test_high_contrast_is_drawn_where_the_system_asks_for_it(assets, qapp, monkeypatch):
    plain = qapp.palette().color(QPalette.ColorRole.PlaceholderText)
    monkeypatch.setattr(Assets, "is_strong", property(lambda _: True))
    assets.set_theme(Theme.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.PlaceholderText) != plain
    monkeypatch.undo()
    assets.set_theme(Theme.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.PlaceholderText) == plain


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_a_choice_that_is_not_taken_is_a_ring_and_no_disc(assets, qapp, theme):
    assets.set_theme(theme)
    button = QRadioButton("x")
    button.resize(button.sizeHint())
    image = button.grab().toImage()
    row = [image.pixelColor(x, image.height() // 2) for x in range(16)]
    window = qapp.palette().color(QPalette.ColorRole.Window)
    assert contrast(row[7], window) < 1.6
    assert max(contrast(each, window) for each in row[:3]) > 2.9  # softened at the edge


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_the_frame_of_pages_is_whole(assets, qapp, theme):
    assets.set_theme(theme)
    pages = QTabWidget()
    pages.addTab(QWidget(), "x")
    pages.resize(200, 120)
    pages.show()
    image = pages.grab().toImage()
    pages.close()
    wide, high = image.width(), image.height()
    edges = ((0, high // 2), (wide - 1, high // 2), (wide // 2, high - 1))
    frame = qapp.palette().color(QPalette.ColorRole.Mid).name()
    assert [image.pixelColor(*edge).name() for edge in edges] == [frame] * 3


def contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2.2 defines it."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = colour.getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
