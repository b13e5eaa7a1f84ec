"""Reads what stands after `%mlflow`: a sub-command, words and options. A filter keeps its quotes."""

from . import catalogue
from .problem import Problem, near
from .text import plain


class Word:
    """`raw` as typed, `text` without quotes, and where it stands in the line."""

    def __init__(self, line, start, end, text):
        self.line, self.start, self.end, self.text = line, start, end, text
        self.raw = line[start:end]


class Parsed:
    """`command` (None without one), `words` and `options` by name."""

    def __init__(self, command, head, words, options, are_names=False):
        """:param are_names: the words are names also where they look like a filter"""
        self.command, self.head, self.words, self.options = command, head, words, options
        self.are_names = are_names

    def with_filter(self, filter, without=(), **options):
        """The same with another filter in place of the words."""
        left = {name: value for name, value in self.options.items() if name not in without}
        words = [Word(filter, 0, len(filter), filter)] if filter else []
        return Parsed(self.command, self.head, words, dict(left, **options))

    def rest(self, start=0):
        """Words from `start` on as one text with their quotes, such as a filter."""
        words = self.words[start:]
        if len(words) == 1 and words[0].raw[:1] in "'\"" and words[0].raw[:1] == words[0].raw[-1:]:
            return words[0].text
        return words[0].line[words[0].start : words[-1].end] if words else ""


def split(line):
    """Words at spaces; `'…'`, `"…"` and backticks hold together."""
    found, i, size = [], 0, len(line)
    while i < size:
        if line[i].isspace():
            i += 1
            continue
        start, text = i, []
        while i < size and not line[i].isspace():
            if line[i] in "'\"`":
                close = line.find(line[i], i + 1)
                if close < 0:
                    raise Problem(
                        "A quote is not closed.", Word(line, i, size, line[i:]), "Close it with %s." % line[i]
                    )
                text.append(line[i : close + 1] if line[i] == "`" else line[i + 1 : close])
                i = close + 1
            else:
                text.append(line[i])
                i += 1
        found.append(Word(line, start, i, "".join(text)))
    return found


def parse(line, is_cell=False):
    """:raises Problem: unknown sub-command or option, a value that is missing or no number"""
    words = split(line)
    head, command = None, catalogue.CELL if is_cell else None
    if words and not is_cell:
        head = words.pop(0)
        command = catalogue.find(head.text)
        if command is None:
            hint = near(head.text, catalogue.names()) or "%mlflow help shows all of them."
            raise Problem("There is no “%%mlflow %s”." % plain(head.text, 60), head, hint)
    taken, options = [], {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word.raw == "--":
            taken += queue
            break
        if not word.raw.startswith("--"):
            taken.append(word)
            continue
        name, equals, value = word.text.partition("=")
        kind = command.options.get(name[2:]) if command is not None else None
        if kind is None:
            raise Problem(
                "%s has no option %s." % (_titled(command), plain(name, 60)),
                word,
                near(name, ["--" + each for each in (command.options if command else ())]),
            )
        if kind == "flag":
            if equals:
                raise Problem("%s takes no value." % name, word)
            options[name[2:]] = True
            continue
        if not equals:
            if not queue or queue[0].raw.startswith("--"):
                raise Problem("%s needs a value." % name, word)
            value = queue.pop(0).text
        if kind == "many":
            options.setdefault(name[2:], []).append(value)
        else:
            options[name[2:]] = _converted(kind, name, value, word)
    return Parsed(command, head, taken, options)


def _titled(command):
    return "%%mlflow" if command is catalogue.CELL else "%%mlflow %s" % command.name if command else "%mlflow"


def _converted(kind, name, value, word):
    if kind == "text":
        return value
    if isinstance(kind, tuple):
        if value not in kind:
            hint = near(value, kind) or "It can be %s." % ", ".join(kind)
            raise Problem("%s cannot be “%s”." % (name, plain(value, 40)), word, hint)
        return value
    try:
        found = kind(value)
        if not 0 <= found <= 50000:
            raise ValueError
        return found
    except ValueError:
        raise Problem("%s wants a number, not “%s”." % (name, plain(value, 40)), word) from None


def pair(word):
    """`K=V` in two.

    :raises Problem: without a key or `=`
    """
    key, equals, value = word.text.partition("=")
    if not key or not equals:
        raise Problem("“%s” is no KEY=VALUE." % plain(word.text, 60), word, "Write it as depth=3.")
    return key, value
