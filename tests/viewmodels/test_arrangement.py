import asyncio
import random
import time
from array import array

import pytest

from s4desk.viewmodels import filtering, ordering
from s4desk.viewmodels.arrangement import Arrangement, finish, spread
from s4desk.viewmodels.columns import Columns
from s4desk.viewmodels.filtering import Pattern
from s4desk.viewmodels.ordering import NATURAL, OF_VERSIONS, SORTABLE, Column, SortOrder
from tests.viewmodels.listings import TOP, page
from tests.viewmodels.test_columns import meta


def arranged(*loaded_pages):
    arrangement = Arrangement(Columns(TOP))
    for each in loaded_pages:
        add(arrangement, each)
    return arrangement


def add(arrangement, new):
    folders, objects = arrangement.new_folders(new), arrangement.new_objects(new)
    arrangement.add_folders(new, folders)
    arrangement.add_objects(new, objects)
    return len(folders), len(objects)


def names(arrangement):
    return [arrangement.columns.name(arrangement.id_at(row)) for row in range(len(arrangement))]


def rearrange(arrangement, sort=NATURAL, text=""):
    arrangement.show(finish(arrangement.arrange(sort, Pattern(text))))


FOLDERS = ["alpha/", "beta/"]
OBJECTS = ["Apple.PNG", "banana.txt", "cherry.png", "date"]


@pytest.fixture
def fruit():
    return arranged(page(OBJECTS[:2], FOLDERS[:1], sizes=[30, 10]), page(OBJECTS[2:], FOLDERS[1:]))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("an", ["banana.txt"]),
        ("AP", ["Apple.PNG"]),
        ("*.png", ["Apple.PNG", "cherry.png"]),
        ("?ate", ["date"]),
        ("a*", ["alpha/", "Apple.PNG"]),
        ("*ta", ["beta/"]),
        ("[a]*", []),
        ("", FOLDERS + OBJECTS),
    ],
)
def test_letters_or_a_glob_find_names(fruit, text, fits):
    rearrange(fruit, text=text)
    assert names(fruit) == fits
    assert fruit.folder_count == len([name for name in fits if name.endswith("/")])


def test_a_glob_takes_newlines_and_brackets_as_they_are():
    assert Pattern("a*b").select(["a\nb", "ab", "xab"]) == [0, 1]
    assert Pattern("*[1].txt").select(["a[1].txt", "a1.txt"]) == [0]


def test_composed_and_decomposed_letters_are_the_same():
    assert Pattern("É").select(["cafe\u0301", "café", "cafe"]) == [0, 1]


def test_pages_that_come_while_filtered_are_filtered(fruit):
    rearrange(fruit, text="a")
    added = add(fruit, page(["elder", "fantastic", "grape"], ["delta/", "echo/"]))
    assert added == (1, 2)
    assert names(fruit) == [
        *["alpha/", "beta/", "delta/"],
        *["Apple.PNG", "banana.txt", "date", "fantastic", "grape"],
    ]
    assert fruit.folder_count == 3
    rearrange(fruit)
    assert len(fruit) == 11


@pytest.mark.parametrize("is_descending", [False, True])
@pytest.mark.parametrize("column", [each for each in SORTABLE if each not in OF_VERSIONS])
@pytest.mark.parametrize("text", ["", "1"])
def test_every_column_sorts_folders_first_and_equal_ones_by_name(
    column, is_descending, text, monkeypatch
):
    monkeypatch.setattr(ordering, "STEP_ROWS", 7)
    monkeypatch.setattr(ordering, "BUCKET_ROWS", 10)
    rng = random.Random(1)
    keys = [f"{at:03}{rng.choice(['.png', '.txt', ''])}" for at in range(200)]
    sizes = [rng.choice([0, 5, 10**12]) for _ in keys]
    owners = [rng.choice(["me", "you"]) for _ in keys]
    arrangement = arranged(page(keys, ["f1/", "f2/"], sizes=sizes, owners=owners))
    columns = arrangement.columns
    columns.modified[3] = float("nan")
    value = {
        Column.NAME: lambda at: keys[at],
        Column.SIZE: lambda at: sizes[at],
        Column.MODIFIED: lambda at: columns.modified[at] if at != 3 else -1.0,
        Column.CLASS: lambda at: columns.classes[at],
        Column.TYPE: lambda at: ordering._types(columns, at, at + 1)[0],
        Column.ETAG: lambda at: columns.etags[at],
        Column.OWNER: lambda at: owners[at],
    }[column]
    rearrange(arrangement, SortOrder(column, is_descending), text)

    fits = [at for at in range(200) if text in keys[at]]
    expected = [keys[at] for at in sorted(fits, key=value, reverse=is_descending)]
    folders = [name for name in ("f1/", "f2/") if text in name]
    if column is Column.NAME and is_descending:
        folders.reverse()
    assert names(arrangement) == folders + expected


def test_rows_and_ids_are_each_others_inverse(fruit):
    for sort, text in [(NATURAL, ""), (SortOrder(Column.SIZE, True), ""), (NATURAL, "a")]:
        rearrange(fruit, sort, text)
        ids = [fruit.id_at(row) for row in range(len(fruit))]
        assert list(fruit.ids(0, len(fruit) - 1)) == ids
        assert list(fruit.ids(1, 3)) == ids[1:4]
        assert list(fruit.ids(1, 1)) == ids[1:2]
        assert fruit.rows(ids) == list(range(len(ids)))
        assert fruit.rows([ids[2]]) == [2]


def remove(arrangement, gone):
    ids = arrangement.columns.find(gone)
    for row in reversed(arrangement.rows(ids)):
        arrangement.cut(row, row)
    arrangement.forget(ids)


@pytest.mark.parametrize(
    ("sort", "text"), [(NATURAL, ""), (SortOrder(Column.NAME, True), ""), (NATURAL, "a")]
)
@pytest.mark.parametrize("gone", [["alpha/", "banana.txt"], ["date"], FOLDERS, ["cherry.png"]])
def test_what_is_removed_is_gone_in_every_order(fruit, sort, text, gone):
    rearrange(fruit, sort, text)
    before = names(fruit)
    remove(fruit, gone)
    assert names(fruit) == [name for name in before if name not in gone]
    assert fruit.folder_count == len([name for name in names(fruit) if name.endswith("/")])
    rearrange(fruit)
    assert names(fruit) == [name for name in FOLDERS + OBJECTS if name not in gone]


def test_a_run_over_the_border_takes_folders_and_objects(fruit):
    fruit.cut(1, 2)
    fruit.forget([~1, 0])
    assert names(fruit) == ["alpha/", "banana.txt", "cherry.png", "date"]


@pytest.mark.parametrize(
    ("sort", "text"), [(NATURAL, ""), (SortOrder(Column.NAME, True), ""), (NATURAL, "a")]
)
@pytest.mark.parametrize("name", ["aa/", "zz/", "aa", "zz"])
def test_what_is_inserted_moves_no_other_row(fruit, sort, text, name):
    rearrange(fruit, sort, text)
    before = names(fruit)
    is_folder = name.endswith("/")
    id_, row = fruit.place(name, is_folder=is_folder)
    fruit.insert(id_, name, None if is_folder else meta(name))
    assert [shown for shown in names(fruit) if shown != name] == before
    if fruit.is_natural:
        assert fruit.id_at(row) == id_
        assert names(fruit)[row] == name
    rearrange(fruit)
    assert sorted(names(fruit)) == sorted([*FOLDERS, *OBJECTS, name])


async def test_ids_that_shift_meanwhile_start_it_again(fruit, monkeypatch):
    monkeypatch.setattr(filtering, "STEP_ROWS", 1)
    steps = fruit.arrange(SortOrder(Column.SIZE), Pattern("a"))
    for _ in range(3):
        next(steps)
    remove(fruit, ["alpha/", "Apple.PNG"])
    fruit.show(finish(steps))
    assert names(fruit) == ["beta/", "date", "banana.txt"]


async def test_rows_that_come_meanwhile_are_in(fruit, monkeypatch):
    monkeypatch.setattr(filtering, "STEP_ROWS", 1)
    steps = fruit.arrange(NATURAL, Pattern("a"))
    next(steps)
    add(fruit, page(["zzza", "zzzb"], ["zeta/"]))
    fruit.show(finish(steps))
    assert names(fruit) == ["alpha/", "beta/", "zeta/", "Apple.PNG", "banana.txt", "date", "zzza"]


async def test_spreading_lets_others_run():
    async def others():
        while True:
            turns.append(time.perf_counter())
            await asyncio.sleep(0)

    def slow():
        for _ in range(200):
            until = time.perf_counter() + 0.001
            while time.perf_counter() < until:
                pass
            yield
        return array("i", [1])

    turns = []
    busy = asyncio.ensure_future(others())
    assert await spread(slow()) == array("i", [1])
    busy.cancel()
    assert len(turns) >= 10
