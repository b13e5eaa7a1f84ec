"""What a model takes and gives, read from its file MLmodel: of YAML, what MLflow writes there."""

import json
import re

PARTS = ("inputs", "outputs", "params")
_SIGNATURE = re.compile(r"^signature:[ ]*\n((?:[ ].*(?:\n|\Z)|\n)*)", re.MULTILINE)
_PART = r"^  %s:[ ]*(?:'((?:[^']|'')*)'|\"((?:[^\"\\]|\\[\s\S])*)\"|(\S.*))"
_NAMED = {"N": "\\u0085", "_": "\\u00a0", "L": "\\u2028", "P": "\\u2029", " ": " "}
#: Of a scalar in double quotes: a line that ends with a backslash goes on in the next, not indented.
_ESCAPE = re.compile(r"\\(?:(\n[ ]*)|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(.))")


def of_file(text):
    """`{"inputs": [[name, type, required]], "outputs", "params"}`; None where the model has no signature.

    MLflow writes each part as JSON in a quoted scalar, which PyYAML folds at column 80.
    """
    block = _SIGNATURE.search(text)
    if block is None:
        return None
    found = {part: _fields(_json(block.group(1), part)) for part in PARTS}
    return found if any(found.values()) else None


def _json(block, part):
    match = re.search(_PART % part, block, re.MULTILINE)
    if match is None:
        return None
    single, double, bare = match.groups()
    try:
        if single is not None:
            return json.loads(_unfolded(single).replace("''", "'"))
        if double is not None:
            return json.loads(json.loads('"%s"' % _ESCAPE.sub(_escape, double)))
        return json.loads(bare.splitlines()[0])
    except ValueError:
        return None


def _unfolded(text):
    """In a quoted scalar a line break is a space, a separator of Unicode itself, and an indent nothing."""
    return re.sub(r"[ \t]*([\n\u2028\u2029])[ \t]*", lambda at: " " if at[1] == "\n" else at[1], text)


def _escape(match):
    """One escape of YAML as JSON has it."""
    line, short, long, other = match.groups()
    if line is not None:
        return ""
    if other is None:
        return json.dumps(chr(int(short or long, 16)))[1:-1]
    return _NAMED.get(other, match.group(0))


def _fields(specs):
    if not isinstance(specs, list):
        return []
    found = []
    for i, spec in enumerate(specs):
        if isinstance(spec, dict):
            name = spec.get("name")
            found.append([str(i if name is None else name), type_of(spec), spec.get("required") is not False])
    return found


def type_of(spec, depth=0):
    """`double`, `tensor float64 (-1, 10)`, `array of string`, `object`."""
    if not isinstance(spec, dict) or depth > 5:
        return "?"
    kind = spec.get("type") or spec.get("dtype") or "?"
    if kind == "tensor":
        tensor = spec.get("tensor-spec") or {}
        shape = ", ".join(str(each) for each in tensor.get("shape") or ())
        return "tensor %s (%s)" % (tensor.get("dtype") or "?", shape)
    if kind == "array":
        return "array of " + type_of(spec.get("items"), depth + 1)
    if kind == "map":
        return "map of " + type_of(spec.get("values"), depth + 1)
    shape = spec.get("shape")
    return "%s (%s)" % (kind, ", ".join(map(str, shape))) if isinstance(shape, list) else str(kind)
