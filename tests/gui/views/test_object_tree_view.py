import pytest
from PySide6.QtCore import QModelIndex, Qt

from s4desk.core.domain.identity import Location, Prefix
from s4desk.gui.views.table_looks import MIN_NAME_WIDTH
from s4desk.viewmodels.ordering import Column
from s4desk.viewmodels.selection import Summary
from tests.gui.models.fakes import CUT, FakeListing, settle
from tests.gui.views.conftest import Heard, Sources
from tests.viewmodels.listings import TOP, page

KEY = Qt.Key


@pytest.fixture
async def tree(pane):
    pane.show_tree()
    below = [CUT, page(["x", "y"], prefix=Prefix("b", "top/f/"))]
    pane.open(TOP, Sources(FakeListing([page(["a", "b"], ["f/"])]), FakeListing(below)))
    await settle()
    return pane.tree


async def test_a_note_takes_the_whole_width_and_a_click(tree, qtbot):
    model = tree.model()
    folder = model.index(0, 0)
    tree.expand(folder)
    await settle()
    note = model.index(0, 0, folder)
    assert note.data().endswith("Try again")
    assert tree.isFirstColumnSpanned(0, folder)
    centre = tree.visualRect(note).center()
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    await settle()
    assert [model.index(row, 0, folder).data() for row in range(2)] == ["x", "y"]
    assert not tree.isFirstColumnSpanned(0, folder)


async def test_return_acts_on_a_note_and_opens_the_rest(tree, pane, qtbot):
    heard = Heard(pane.opened)
    model = tree.model()
    folder = model.index(0, 0)
    tree.expand(folder)
    await settle()
    tree.setCurrentIndex(model.index(0, 0, folder))
    qtbot.keyClick(tree, KEY.Key_Return)
    await settle()
    assert heard == []
    for index in (folder, model.index(1, 0, folder)):
        tree.setCurrentIndex(index)
        qtbot.keyClick(tree, KEY.Key_Return)
    assert heard == [Prefix("b", "top/f/"), Location("b", "top/f/y")]


async def test_a_double_click_opens_objects_and_expands_folders(tree, pane, qtbot):
    heard = Heard(pane.opened)
    model = tree.model()
    for row in (0, 1):
        centre = tree.visualRect(model.index(row, 0)).center()
        qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=centre)
        qtbot.mouseDClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert heard == [Location("b", "top/a")]
    assert tree.isExpanded(model.index(0, 0))
    await settle()


async def test_all_means_what_can_be_seen(tree, pane):
    pane.select_all()
    assert pane.summary == Summary(1, 2, 1, at_hand=1)
    tree.collapse(tree.model().index(0, 0))
    assert tree.model().rowCount(QModelIndex()) == 3


async def test_a_large_folder_goes_to_the_table(tree, pane):
    heard = Heard(pane.opened)
    pane.tree_model.table_wanted.emit(Prefix("b", "top/f/"))
    assert heard == [Prefix("b", "top/f/")]
    assert not pane.is_tree


async def test_names_keep_their_room_in_a_small_window(tree, pane, qtbot):
    header, bar = tree.header(), tree.horizontalScrollBar()
    pane.resize(450, 320)
    assert header.sectionSize(Column.NAME) == MIN_NAME_WIDTH
    qtbot.waitUntil(lambda: bar.maximum() == header.length() - tree.viewport().width() > 0)
    pane.resize(900, 320)
    assert header.sectionSize(Column.NAME) > MIN_NAME_WIDTH
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    assert header.length() == tree.viewport().width()
    header.resizeSection(Column.MODIFIED, 700)
    assert header.sectionSize(Column.NAME) == MIN_NAME_WIDTH
