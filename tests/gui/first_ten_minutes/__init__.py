"""What decides whether somebody stays: fifteen things that people look at first.

Each is a story here, or has its test elsewhere; modules are below `tests`.

==  ==========================================  ===================================================
 1  starts without a hitch, the window at once  app/test_startup, app/test_selftest;
                                                gui/test_main_window (painted before anything heavy)
 2  finds AWS profiles, signs in by a page      gui/first_ten_minutes/test_many_profiles;
                                                gui/test_importing, gui/test_signing_in
 3  connects, or says exactly what is wrong     store/test_diagnosis, store/test_way;
                                                gui/test_connection_dialog
 4  the secret is in the keyring only           gui/first_ten_minutes/test_keyboard_only;
                                                app/test_cli_connections, gui/test_way
 5  a key that may not list buckets             gui/first_ten_minutes/test_first_look
 6  a huge bucket: rows at once, stops, is not  gui/test_stories (a million keys);
    called empty when nothing answers           gui/first_ten_minutes/test_first_look
 7  search by name                              gui/first_ten_minutes/test_keyboard_only;
                                                gui/test_finding, app/test_cli_find
 8  a folder is dragged in                      gui/test_stories, gui/test_real_input
 9  and dragged out                             gui/test_stories, gui/test_real_input
10  killed in the middle of a large upload      gui/first_ten_minutes/test_killed;
                                                faults/test_crash_matrix, faults/test_network_faults
11  is it really the same file?                 gui/test_verifying, transfer/test_proof;
                                                viewmodels/test_inspector (an ETag is explained)
12  deleting a folder: what is said, stopping   gui/test_main_window (counts, asks for the word);
                                                gui/test_commands (stopped), gui/test_cut_off
13  how long a link really works                gui/first_ten_minutes/test_share_link;
                                                viewmodels/test_inspector
14  odd keys                                    gui/first_ten_minutes/test_first_look;
                                                app/test_cli_objects, transfer/test_names
15  memory and processor at rest; no mouse      gui/first_ten_minutes/test_at_rest,
                                                test_keyboard_only; dark: gui/test_assets
==  ==========================================  ===================================================
"""
