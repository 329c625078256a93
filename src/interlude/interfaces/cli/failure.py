from __future__ import annotations


class Failure(Exception):
    """A command cannot go on; its text is the one line that the user sees. Exit status 1.

    It has a module of its own because `python -m interlude.interfaces.cli.main` runs that module under another name.
    """
