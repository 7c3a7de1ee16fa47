"""What the window shows. A view holds a model and says, in signals, what the person did.

Views never call an engine and open no dialog. The window wires them:

`ConnectionTreeView(model)`: connections, buckets, prefixes.
    opened(Place)                                   a row was activated or clicked
    chosen(object)                                  Place of the current row, or None
    menu_requested(object, QPoint)                  Place or None (empty space); global position
    files_dropped(list[Path], Place)                the place has a prefix
    clip_dropped(Clip, Place, Deed)
    `reveal(place)` opens the way to the row of a place and selects it.

`ObjectsPane(icons)`: one folder as a table, grid or tree, or the buckets of a connection.
    opened(object)                                  Prefix (folder or bucket), Location (object)
    went_up()                                       Backspace, Alt+Up
    selection_changed(Summary)                      cheap: counts and bytes, never a list
    status_changed(ListingStatus)                   at most ten times a second while loading
    menu_requested(Selection, QPoint)               empty selection: the background
    files_dropped(list[Path], Prefix), clip_dropped(Clip, Prefix, Deed)
    drag_started(Selection)                         the window runs the QDrag
    renamed(Location, str)                          a name was typed where the object stands
    delete_requested(Selection), rename_requested(Selection), message_acted()
    remedy_wanted(Remedy)                           what only the window can do: Enter Key…
    `open(prefix, source)`, `open_buckets(list_buckets)`, `refresh()`, `close_listing()`,
    `show_table()`, `show_grid()`, `show_tree()`, `load_all()`, `stop()`, `retry()`,
    `show_filter()`, `focus_rows()`, `await_entry(location)` (select it as soon as it is here),
    `select_all()`, `selection() -> Selection`, `status -> ListingStatus`,
    `remove(locations)`, `merge(metas) -> bool`, `show_message(icon, title, text, action)`,
    `save_state() -> bytes`, `restore_state(bytes)`, `redraw_icons()` when the colours changed.
    `tasks`: whose `failed` tells of errors that nobody expected.
    `source` is `PagerSource`: `(prefix, with_owner) -> Pager`, called for each folder that is read.

`PathBar(icons)`: where we are.
    opened(Place)                                   a crumb was clicked
    typed(str, object)                              connection name ("" is this one), Prefix or None
    typing(str)                                     the text so far; answered by `offer(texts)`
    files_dropped(list[Path], Place), clip_dropped(Clip, Place, Deed)
    `show_place(place, connection_name)`, `edit()`, `say(sentence)`.

`TransfersPane(model, icons)`: the queue.
    pause_requested(list[TransferId]), resume_requested(...), retry_requested(...),
    cancel_requested(...), clear_requested(), revealed(TransferId),
    selection_changed(list[TransferId]), menu_requested(list[TransferId], QPoint)
    `show_totals(Totals)`, `save_state()`, `restore_state(bytes)`.

`StatusBar()`: the last line of the window.
    transfers_clicked(), error_clicked()
    `show_listing(ListingStatus)`, `show_selection(Summary)`, `show_transfers(Totals)`,
    `show_error(sentence)`.

`icons` is a callable from the name of an icon to a QIcon in the colours of now.

A drag that carries `KEYS_MIME` is our own: views take no files from it, but the Clip, if their
`judge` says what is to become of it there.
"""
