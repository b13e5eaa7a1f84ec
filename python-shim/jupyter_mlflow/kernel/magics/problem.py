"""What goes wrong, as one sentence with the word at fault."""

import difflib

from . import text


class Problem(Exception):
    """The magic makes IPython's UsageError of it: no traceback, and the cell counts as failed."""

    def __init__(self, message, word=None, hint=""):
        """:param word: of words.py: the word at fault, which is marked"""
        self.message, self.hint = message, hint
        lines = [message]
        if word is not None:
            before = text.plain(word.line[: word.start], 160)
            fault = text.plain(word.raw, 80)
            lines.append("    %mlflow " + before + fault)
            lines.append(" " * (12 + text.width_of(before)) + "^" * max(1, text.width_of(fault)))
        if hint:
            lines.append(hint)
        super().__init__("\n".join(lines))


class Unreachable(Problem):
    """The tracking server did not answer in time, or not at all."""

    #: Whether it may have done what it was asked for: False where it was never spoken to.
    may_have_arrived = True


def interrupted(said):
    """An interrupt of the kernel that shows a sentence, in place of a traceback through our code."""
    found = KeyboardInterrupt(said)
    # IPython asks an exception for what it shows.
    found._render_traceback_ = lambda: [said]
    return found


def near(word, known):
    """`Did you mean “…”?`, or nothing."""
    known = list(known)
    found = difflib.get_close_matches(word, known, 1, 0.6)
    if not found:
        folded = {each.lower(): each for each in known}
        found = [folded[each] for each in difflib.get_close_matches(word.lower(), folded, 1, 0.6)]
    return "Did you mean “%s”?" % text.plain(found[0], 60) if found else ""
