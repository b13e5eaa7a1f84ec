"""Where secrets are in a text: by their own form, or by the name that they are given.

Time grows with the text alone: what a pattern begins with is searched for as plain text, only there the
pattern is tried, and what repeats in it is bounded, or is one class of characters that nothing after it could
take.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..problems import Problem

Span = tuple[int, int]

_BEFORE, _AFTER = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9])"


def _forms(begins: str, pattern: str) -> list[tuple[str, re.Pattern[str]]]:
    compiled = re.compile(pattern)
    return [(begin, compiled) for begin in begins.split()]


#: What it begins with, and what it is.
_BY_FORM = [
    *_forms("AKIA ASIA ABIA ACCA", rf"{_BEFORE}A[A-Z]{{3}}[A-Z0-9]{{16}}{_AFTER}"),
    *_forms("ghp_ gho_ ghu_ ghs_ ghr_", rf"{_BEFORE}gh[a-z]_[A-Za-z0-9]{{36,255}}"),
    *_forms("github_pat_", rf"{_BEFORE}github_pat_[A-Za-z0-9_]{{22,255}}"),
    *_forms(
        "glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- gloas- glimt-",
        rf"{_BEFORE}gl[a-z]{{2,5}}-[A-Za-z0-9_-]{{20,255}}",
    ),
    # JSON web tokens
    *_forms(
        "eyJ",
        rf"{_BEFORE}eyJ[A-Za-z0-9_-]{{8,4096}}\.[A-Za-z0-9_-]{{8,4096}}\.[A-Za-z0-9_-]{{0,1024}}",
    ),
    # Slack
    *_forms("xox", rf"{_BEFORE}xox[abeoprs]-[A-Za-z0-9-]{{10,255}}"),
    *_forms("xapp-", rf"{_BEFORE}xapp-\d-[A-Za-z0-9-]{{10,255}}"),
    *_forms("hooks.slack.com/services/", r"hooks\.slack\.com/services/[A-Za-z0-9/_-]{20,255}"),
    # Hugging Face, Google, Stripe, PyPI, npm, Databricks, Azure
    *_forms("hf_", rf"{_BEFORE}hf_[A-Za-z0-9]{{30,255}}{_AFTER}"),
    *_forms("AIza", rf"{_BEFORE}AIza[A-Za-z0-9_-]{{35}}"),
    *_forms("sk_live_ sk_test_ rk_live_ rk_test_", rf"{_BEFORE}[rs]k_[a-z]{{4}}_[A-Za-z0-9]{{16,255}}"),
    *_forms("pypi-AgE", rf"{_BEFORE}pypi-AgE[A-Za-z0-9_-]{{40,1024}}"),
    *_forms("npm_", rf"{_BEFORE}npm_[A-Za-z0-9]{{36}}{_AFTER}"),
    *_forms("dapi", rf"{_BEFORE}dapi[0-9a-f]{{32}}{_AFTER}"),
    *_forms("AccountKey=", r"AccountKey=[A-Za-z0-9+/]{40,255}={0,2}"),
]
#: OpenAI and Anthropic. The classes of scikit-learn's HTML (`sk-toggleable__content`) begin so, too.
_SK = re.compile(rf"{_BEFORE}sk-[A-Za-z0-9_-]{{20,255}}")
_URL = re.compile(r"://([^\s/?#:@'\"<>]{0,256}:[^\s/@'\"<>]{1,512})@")
_BEARER = re.compile(r"(?i)\bbearer[ \t]{1,4}([A-Za-z0-9._~+/-]{16,4096}={0,2})")
_BASIC = re.compile(
    r"(?i)\bauthorization\b['\"]?[ \t]{0,4}[:=,][ \t]{0,4}['\"]?basic[ \t]{1,4}([A-Za-z0-9+/]{8,1024}={0,2})"
)
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
#: Characters that are worked on at once, as no other thread runs meanwhile; the longest match of own words.
_PIECE, _LONGEST_OWN = 100_000, 512
#: Characters of a private key whose end is not there.
_KEY_LENGTH = 16_384
#: What a private key without its end consists of.
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/=\s\\'\":,.-]*")

_NAMED = re.compile(
    r"""
    (?P<word>password|passwd|passphrase|pwd|secret|token|credential|key)
    (?![A-Za-z0-9_-])
    (?P<gap>(?:\\{0,2}["']|&quot;|&\#(?:39|34|x27|x22);)?\]?[ \t]{0,8}
      (?: (?::[ \t]{0,4}[A-Za-z_][\w\[\],.| ]{0,40})?={1,2} | [:!]= | => | :
        | ,(?=[ \t]{0,8}["']) )[ \t]{0,8})
    (?P<prefix>[bBrRuUfF]{0,2})
    (?: \\"(?P<escaped>[^"\\\n]{1,2048})\\"
      | (?:\"\"\"|"(?!"))(?P<double>[^"\n]{1,2048})"
      | (?:'''|'(?!'))(?P<single>[^'\n]{1,2048})'
      | (?:&quot;|&\#(?:39|34|x27|x22);)(?P<entity>[^&\n"']{1,2048})&
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
#: `export API_KEY=…`, `?token=…`, `--password …`, `password: …` at the end of a line
_BARE = re.compile(
    r"""
    (?P<word>password|passwd|passphrase|pwd|secret|token|credential|key)
    (?P<sign>=|:[ \t]{1,8}|[ \t]{1,4}(?=[^\s=:-]))
    (?P<value>[^\s'"`<>&(),;\[\]{}$|\\]{1,512})
    (?P<next>[^\s]?)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_COMMANDS = ("%env", "export", "!export", "set", "env", "!env")

#: Tokens of language models, and how many of them.
_NO_SECRET = frozenset(
    # One string, as a list of words would be one line for each.
    "pad eos bos unk sep cls mask next prev previous last first special start end stop num max min"  # noqa: SIM905
    " add added additional image audio video word sub char new current cur per each any is has use n"
    " input output target source decoder encoder model forced begin single text prompt think tool sot"
    " eot dummy lang language".split()
)
#: What names of secrets end with.
_NAMES = ("password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "key")
_KEYS = frozenset(["api", "access", "secret", "private", "account", "auth", "signing", "encryption"])
_KEY = re.compile(r"(?i)(api|access|secret|private|account|auth|signing|encryption)key$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_TOKEN_VALUE = re.compile(r"[A-Za-z0-9_.=+/~:-]{8,2048}")
_NOTHING = frozenset({"none", "null", "true", "false", "str", "bytes", "nan", "undefined"})


def secret_spans(text: str, own: re.Pattern[str] | None = None) -> Iterator[Span]:
    """Places of secrets, in no order, perhaps overlapping.

    :param own: a pattern of `own_pattern`
    """
    for begins, pattern in _BY_FORM:
        for match in _matches(pattern, text, begins, text):
            yield match.span()
    for match in _matches(_SK, text, "sk-", text):
        value = match.group()
        if any(char.isdigit() for char in value) and any(char.isupper() for char in value):
            yield match.span()
    for match in _matches(_URL, text, "://", text):
        # `{user}:{password}` are names.
        if match.group(1).partition(":")[2][0] not in "{$%<":
            yield match.span(1)
    yield from _private_keys(text)
    lower = _lower(text)
    for match in _matches(_BASIC, text, "authorization", lower):
        yield match.span(1)
    for match in _matches(_BEARER, text, "bearer", lower):
        if any(char.isdigit() for char in match.group(1)):
            yield match.span(1)
    for word in _NAMES:
        for match in _matches(_NAMED, text, word, lower):
            span = _named_value(text, match)
            if span is not None:
                yield span
        for match in _matches(_BARE, text, word, lower):
            if _is_bare_secret(text, match):
                yield match.span("value")
    if own is not None:
        for begin in range(0, len(text), _PIECE):
            for match in own.finditer(text, begin, begin + _PIECE + _LONGEST_OWN):
                yield match.span()


def _matches(pattern: re.Pattern[str], text: str, begins: str, searched: str) -> Iterator[re.Match[str]]:
    """Matches of a pattern that begins with a plain text."""
    place = searched.find(begins)
    while place >= 0:
        match = pattern.match(text, place)
        if match is not None:
            yield match
        place = searched.find(begins, place + 1)


def _lower(text: str) -> str:
    """In small letters, each at the place where it was."""
    pieces = []
    for begin in range(0, len(text), _PIECE):
        piece = text[begin : begin + _PIECE]
        lower = piece.lower()
        pieces.append(lower if len(lower) == len(piece) else "".join(char.lower()[0] for char in piece))
    return "".join(pieces)


def own_pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern of a person's or an administrator's own words; None without any.

    In a word, `*` stands for up to 256 characters other than spaces and quotes, `?` for one character and `#`
    for a digit. :raises Problem: `invalid-pattern`
    """
    found = []
    for word in words:
        word = word.strip()
        if not word:
            continue
        known = len(re.sub(r"[*?#]", "", word))
        if known < 3 or word.startswith("*") or word.count("*") > 1 or len(word) > 200:
            raise Problem(
                "invalid-pattern",
                f"“{word[:60]}” cannot be used to find secrets.",
                "Write three characters or more that stay the same, and one * at most, not at the beginning.",
            )
        special = {"*": r"[^\s'\"]{0,256}", "?": r"[^\s]", "#": r"[0-9]"}
        found.append("".join(special.get(char, re.escape(char)) for char in word))
    return re.compile("|".join(found)) if found else None


def is_secret_name(name: str) -> bool:
    """Whether a key, an argument or a column of this name holds a secret: `db_password`, not `max_tokens`."""
    words = [word.lower() for word in _WORDS.findall(_KEY.sub(r"\1_key", name[-128:]))]
    if not words:
        return False
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "key":
        return before in _KEYS
    if last == "token":
        return not _NO_SECRET & set(words[:-1])
    return last in {"password", "passwd", "passphrase", "pwd", "secret", "credential"}


def _private_keys(text: str) -> Iterator[Span]:
    place = 0
    while (begins := _KEY_BEGINS.search(text, place)) is not None:
        ends = _KEY_ENDS.search(text, begins.end())
        following = _KEY_BEGINS.search(text, begins.end(), ends.start() if ends is not None else len(text))
        if ends is not None and following is None:
            yield begins.end(), ends.start()
            place = ends.end()
        else:
            left = _KEY_TEXT.match(text, begins.end(), begins.end() + _KEY_LENGTH)
            place = max(begins.end(), left.end() if left is not None else 0)
            yield begins.end(), place


def _named_value(text: str, match: re.Match[str]) -> Span | None:
    kind = next(name for name in ("escaped", "double", "single", "entity") if match.group(name) is not None)
    value = match.group(kind)
    name = text[_name_begins(text, match.start()) : match.end("word")]
    if not is_secret_name(name) or "•••" in value:
        return None
    gap = match.group("gap")
    quote = {"double": '"', "single": "'"}.get(kind, "")
    if (
        quote
        and gap[:1] not in ("'", '"', "\\")
        and value[0] in " \t,)];:}+%."
        and _is_open(text, match, quote)
    ):
        # `"password: " + x + "…"`: the quote closes a string.
        return None
    if value.startswith("{") and value.endswith("}") and "f" in match.group("prefix").lower():
        return None
    if gap.lstrip(" \t\"'\\").startswith(",") and not name.isupper():
        return None
    if _VARIABLE.fullmatch(value) and is_secret_name(value):
        # The name of a variable of the environment.
        return None
    word = match.group("word").lower()
    if (word == "token" and not _is_token(value)) or (word == "secret" and " " in value):
        return None
    if word == "pwd" and _is_path(value):
        return None
    return match.span(kind)


def _name_begins(text: str, place: int) -> int:
    begin = place
    # "API key: …"
    if text[begin - 1 : begin] == " " and text[place : place + 3].lower() == "key":
        begin -= 1
    while begin > 0 and place - begin < 64 and (text[begin - 1].isalnum() or text[begin - 1] in "_-"):
        begin -= 1
    return begin


def _is_open(text: str, match: re.Match[str], quote: str) -> bool:
    """Whether a string has begun in the line before the name."""
    line = text[max(text.rfind("\n", 0, match.start()) + 1, match.start() - 512) : match.start()]
    return line.count(quote) % 2 == 1


def _is_token(value: str) -> bool:
    """A token that is one, and not a word."""
    if not _TOKEN_VALUE.fullmatch(value):
        return False
    return any(char.isdigit() for char in value) or (len(value) >= 16 and not _IDENTIFIER.fullmatch(value))


def _is_path(value: str) -> bool:
    return value[0] in "/~." or value[1:2] == ":"


def _is_bare_secret(text: str, match: re.Match[str]) -> bool:
    sign, value, after = match.group("sign", "value", "next")
    begin = _name_begins(text, match.start())
    name = text[begin : match.end("word")].lstrip("-")
    if not is_secret_name(name) or value.lower() in _NOTHING or after in ("(", "[", "{"):
        return False
    if value[0] in "=.%*•:" or (match.group("word").lower() == "pwd" and _is_path(value)):
        return False
    before = text[begin - 1] if begin > 0 else "\n"
    if before in "?&":
        return sign == "="
    if text.startswith("--", begin):
        return sign[0] in "= "
    if before not in "\n\r\t !;":
        return False
    if sign == "=":
        line = text[max(text.rfind("\n", 0, begin) + 1, begin - 64) : begin].split()
        is_variable = name == name.upper() or (bool(line) and line[-1] in _COMMANDS)
        return is_variable or (_IDENTIFIER.fullmatch(value) is None and _has_both(value))
    if sign.startswith(":") and after == "" and _has_both(value):
        # `password: str` declares a type, `password: hunter2` tells one.
        return match.group("word").lower() != "token" or _IDENTIFIER.fullmatch(value) is None
    return False


def _has_both(value: str) -> bool:
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)
