"""s4desk: a desktop manager for S3 object storage.

The house, from the top. An arrow says who may import whom; import-linter holds it.

    app ▶ gui ▶ viewmodels ▶ core

    app         main (entry), cli (headless verbs), wiring (builds the core, then the window),
                paths, excepthook, selftest, demo (embedded S3 server)
    gui         main_window (assembles only) ▶ commands (one method per intention, the only caller
                of engines) ▶ views | dialogs ▶ models ▶ bridge (Qt and asyncio) | actions | assets
    viewmodels  what is shown, without Qt: forms, pager, rows, error_text, validation
    core        desk ▶ persist (SQLite, TOML, keyring) ▶ transfer (queue and jobs) ▶ store
                (ObjectStore and its wrappers) ▶ wire (the byte path) ▶ runtime ▶ domain

Two crossings: down by Commands, one engine call each; up by ProgressBoard.drain() once per frame
and by EventBus at low rate. Bytes and listings move on worker threads and never touch the loop.
"""

__version__ = "0.1.0"
