from s4desk.core.persist.shortcuts import ShortcutFile


async def test_what_was_given_is_there_at_the_next_start(tmp_path):
    path = tmp_path / "shortcuts.toml"
    file = ShortcutFile(path)
    await file.change({"refresh": "F9", "quit": ""})
    assert file.current == ShortcutFile(path).current == {"refresh": "F9", "quit": ""}
    await file.change({"refresh": None})
    assert ShortcutFile(path).current == {"quit": ""}


async def test_what_is_of_another_version_stays(tmp_path):
    path = tmp_path / "shortcuts.toml"
    path.write_text('version = 1\n[shortcuts]\nfly = "F9"\nodd = 7\n')
    file = ShortcutFile(path)
    assert file.current == {"fly": "F9"}
    await file.change({"quit": "F8"})
    assert ShortcutFile(path).current == {"fly": "F9", "quit": "F8"}


def test_a_table_that_is_none_is_nothing(tmp_path):
    path = tmp_path / "shortcuts.toml"
    path.write_text("version = 1\nshortcuts = 3\n")
    assert ShortcutFile(path).current == {}
