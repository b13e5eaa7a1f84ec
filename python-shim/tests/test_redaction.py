"""What leaves carries no secrets, and ordinary code leaves as it is."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_mlflow.server.problems import Problem
from jupyter_mlflow.server.recorder.redaction import MASK, Redaction

#: Made of parts, so that no scanner of repositories takes them for real.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "a1B2c3D4e5F6" * 3
GITHUB_NEW = "github_pat_" + "11ABCDEFG0" * 6
GITLAB = "glpat-" + "xY_z1234567890abcdEF"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"
OPENAI = "sk-" + "proj-Abc123Def456Ghi789Jkl012Mno345"
SLACK = "xoxb-" + "123456789012-abcdefABCDEF"
KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7bq\n" * 12 + "-----END RSA PRIVATE KEY-----"

SECRETS = {
    "aws": (AWS, AWS),
    "github": (GITHUB, GITHUB),
    "github, fine grained": (GITHUB_NEW, GITHUB_NEW),
    "gitlab": (GITLAB, GITLAB),
    "jwt": (JWT, JWT),
    "openai": (OPENAI, OPENAI),
    "slack": (SLACK, SLACK),
    "private key": (KEY, "MIIEpAIBAAKCAQEA7bq"),
    "private key in one line": (json.dumps(KEY), "MIIEpAIBAAKCAQEA7bq"),
    "private key that is cut": (KEY[:120], "MIIEpAIBAAKCAQEA7bq"),
    "basic auth": ("postgresql://anna:hunter2@db.example.org/x", "hunter2"),
    "git": (f"https://x-access-token:{GITHUB}@github.com/a/b", GITHUB),
    "assignment": ("password = 'hunter2'", "hunter2"),
    "argument": ("connect(user='anna', db_password=\"hunter2\")", "hunter2"),
    "annotated": ("api_key: str = 'hunter2'", "hunter2"),
    "bytes": ("SECRET_KEY = b'hunter2'", "hunter2"),
    "triple": ('password = """hunter2"""', "hunter2"),
    "camel case": ("{clientSecret: 'hunter2'}", "hunter2"),
    "dictionary": ("{'api_key': 'hunter2', 'n': 1}", "hunter2"),
    "item": ("os.environ['AWS_SECRET_ACCESS_KEY'] = 'hunter2'", "hunter2"),
    "setenv": ("os.environ.setdefault('API_KEY', 'hunter2')", "hunter2"),
    "json in a string": (json.dumps(json.dumps({"password": "hunter2"})), "hunter2"),
    "comparison": ("assert password == 'hunter2'", "hunter2"),
    "token": ("token = 'Zx81kklmn0'", "Zx81kklmn0"),
    "variable": ("API_KEY=hunter2", "hunter2"),
    "export": ("!export db_password=hunter", "hunter"),
    "env magic": ("%env HF_TOKEN=hunter2", "hunter2"),
    "flag": ("!mysql --password hunter2 --host x", "hunter2"),
    "flag with sign": ("!tool --api-key=hunter2", "hunter2"),
    "query": ("https://host/x?a=1&access_token=hunter2&b=2", "hunter2"),
    "yaml": ("user: anna\npassword: hunter2\nport: 1", "hunter2"),
    "html": ("<code>password = &quot;hunter2&quot;</code>", "hunter2"),
    "bearer": ("Authorization: Bearer abcdef0123456789abcdef", "abcdef0123456789abcdef"),
    "basic": ("Authorization: Basic YW5uYTpodW50ZXIy", "YW5uYTpodW50ZXIy"),
    "coloured": (
        "\x1b[38;5;28mpassword\x1b[39m \x1b[38;5;241m=\x1b[39m \x1b[33m'hunter2'\x1b[39m",
        "hunter2",
    ),
}

ORDINARY = [
    "num_memory_tokens = 16",
    "num_memory_tokens='abc123def456'",
    "generate(prompt, max_tokens=100, stop_token='<|end|>')",
    "tokenizer = AutoTokenizer.from_pretrained('bert-base-uncased')",
    "tokenizer.pad_token = tokenizer.eos_token",
    "tokenizer.add_special_tokens({'pad_token': '[PAD]', 'eos_token': '<|endoftext|>'})",
    "for token in tokens: counts[token] += 1",
    "token = 'hello'",
    "token = next_token(state)",
    "password = getpass.getpass('Password: ')",
    "password = os.environ['DB_PASSWORD']",
    "connect(password=password, token=token)",
    "api_key_env = 'OPENAI_API_KEY'",
    "client = OpenAI(api_key=os.environ['OPENAI_API_KEY'])",
    "url = f'postgresql://{user}:{password}@{host}/db'",
    "print('token:', token, 'next')",
    "print('password: ' + user + ' ok')",
    "def login(user: str, password: str, token: Optional[str] = None) -> None: ...",
    "class Settings:\n    token: np.float64\n    password: str\n",
    "key = 'abcdef0123456789'",
    "df['secret_santa'] = 'anna'",
    "password = None\ntoken = True\nsecret=None",
    "PWD=/home/anna/work",
    "pwd = '/home/anna'",
    "<div class='sk-toggleable__content sk-estimator-doc-link sk-container-id-1-estimator'>",
    "sha = 'd3486ae9136e7856bc42212385ea797094475802'",
    "skip-connection-over-the-third-block",
    "http://localhost:8888/lab?reset",
    "mlflow.log_param('token_count', 512)",
    "image = 'ghp' + str(n)",
    "loss: 0.123 - token accuracy: 0.98",
    "secret: 'the cake is a lie'",
]


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_masked(name: str) -> None:
    text, secret = SECRETS[name]
    masked = Redaction().text(f"x = 1\n{text}\ny = 2")
    assert secret not in masked
    assert MASK in masked
    assert masked.startswith("x = 1\n")
    assert masked.endswith("\ny = 2") or name == "private key that is cut"
    assert Redaction().text(masked) == masked


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_code_stays_as_it_is(text: str) -> None:
    assert Redaction().text(text) == text


def test_the_source_of_libraries_stays_almost_as_it_is() -> None:
    """As much ordinary code as there is at hand: what is masked in it are examples of passwords."""
    files = [
        path
        for path in Path(json.__file__).parents[1].rglob("*.py")
        if not {"test", "tests", "site-packages", "idlelib"} & set(path.parts)
    ][:250]
    assert len(files) > 200
    redaction, masked = Redaction(), []
    for path in files:
        text = path.read_text(errors="replace")
        after = redaction.text(text)
        masked += [
            line for line, kept in zip(after.split("\n"), text.split("\n"), strict=False) if line != kept
        ]
    assert len(masked) <= 5, masked


@given(
    st.sampled_from(sorted(SECRETS)),
    st.lists(
        st.sampled_from(["x = 1\n", "lorem ipsum ", "a,", "\n", "é ", "İ", "token ", "key: ", "://"]),
        max_size=9,
    ),
)
def test_a_secret_is_masked_wherever_it_stands(name: str, around: list[str]) -> None:
    text, secret = SECRETS[name]
    filling = "".join(around)
    assert secret not in Redaction().text(f"{filling}\n{text}\n{filling}")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_any_text_is_masked_once_and_for_all(text: str) -> None:
    once = Redaction().text(text)
    assert Redaction().text(once) == once


def hostile(n: int) -> list[str]:
    """Texts of about `n` characters that make careless patterns slow."""
    return [
        each * (n // len(each))
        for each in (
            "a",
            "eyJ",
            "eyJ.",
            "eyJaaaaaaaaaa.",
            "://",
            "://a:",
            "a:b@",
            "password",
            "password=",
            "token = '",
            'secret "',
            "-----BEGIN PRIVATE KEY-----",
            "sk-",
            "sk-A1",
            "api_key: str",
            "bearer ",
            " ",
            "\\",
            "xoxb-",
            "--token ",
            "password:    ",
            "\x1b[",
            "&quot;",
            "_token",
        )
    ]


def test_time_grows_with_the_text_alone() -> None:
    redaction = Redaction(["acme-*-x"])

    def took(text: str) -> float:
        began = time.process_time()
        redaction.text(text)
        return time.process_time() - began

    for small, large in zip(hostile(20_000), hostile(160_000), strict=True):
        once = min(took(small) for _ in range(2))
        assert took(large) < 8 * 4 * once + 0.2, small[:40]


def test_outputs_of_every_kind() -> None:
    secret = f"password = 'hunter2' {GITHUB}"
    png = base64.b64encode(b"\x89PNG" * 50).decode()
    redaction = Redaction()
    found = json.dumps(
        [
            redaction.output({"output_type": "stream", "name": "stdout", "text": secret}),
            redaction.output({"output_type": "stream", "name": "stdout", "text": [secret, "\n"]}),
            redaction.output(
                {
                    "output_type": "display_data",
                    "data": {
                        "text/html": f"<b>{secret}</b>",
                        "application/json": {"rows": [{"password": "hunter2", "n": 1}], "text": secret},
                        "image/png": png,
                    },
                    "metadata": {"note": secret},
                }
            ),
            redaction.output(
                {
                    "output_type": "error",
                    "ename": "ValueError",
                    "evalue": secret,
                    "traceback": ["-----", f"\x1b[33m{secret}\x1b[39m", *KEY.split("\n")],
                }
            ),
        ]
    )
    assert "hunter2" not in found
    assert GITHUB not in found
    assert "MIIEpAIBAAKCAQEA7bq" not in found
    assert png in found
    assert '"n": 1' in found


def test_colours_stay_where_nothing_is_secret() -> None:
    assert Redaction().text("\x1b[31mred\x1b[0m") == "\x1b[31mred\x1b[0m"


def test_words_of_the_person_and_of_the_administrator() -> None:
    redaction = Redaction(["Project Falcon", "EMP-######", "acme-*"])
    assert redaction.text("on Project Falcon by EMP-123456: acme-x7/y z") == f"on {MASK} by {MASK}: {MASK} z"
    assert redaction.text("Projects, EMP-12, acme") == "Projects, EMP-12, acme"


@pytest.mark.parametrize("word", ["*", "a*", "**abc", "abc*d*e", "#?*", "*abc", "x" * 201])
def test_words_that_would_mask_everything_or_take_for_ever(word: str) -> None:
    with pytest.raises(Problem) as caught:
        Redaction([word])
    assert caught.value.code == "invalid-pattern"
