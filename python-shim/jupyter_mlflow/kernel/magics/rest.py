"""MLflow's REST API by the standard library, with the logins and certificates of MLflow's client."""

import base64
import configparser
import http.client
import json
import os
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request

from .problem import Problem, Unreachable
from .text import plain

#: Bytes of an answer: the table under a cell needs far less.
LIMIT = 64 * 1024 * 1024


class Rest:
    """Requests to one tracking server. Block for as long as `timeout`; raise Problem, never anything else."""

    def __init__(self, uri, environ=None):
        """:param uri: may carry user and password"""
        environ = os.environ if environ is None else environ
        parts = urllib.parse.urlsplit(uri)
        host = parts.netloc.rpartition("@")[2]
        self.url = urllib.parse.urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        self.name = plain(host + parts.path.rstrip("/"), 80)
        self._headers = {"Content-Type": "application/json", **_login(parts, environ)}
        if environ.get("MLFLOW_WORKSPACE"):
            self._headers["X-MLFLOW-WORKSPACE"] = environ["MLFLOW_WORKSPACE"]
        handlers = [_NoRedirect()]
        if parts.scheme == "https":
            handlers.append(urllib.request.HTTPSHandler(context=_tls(environ)))
        if (parts.hostname or "") in ("localhost", "127.0.0.1", "::1"):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path, timeout, **query):
        """The JSON of a GET."""
        return self._call("GET", path + "?" + urllib.parse.urlencode(query, doseq=True), None, timeout)

    def post(self, path, timeout, body):
        """The JSON of a POST."""
        return self._call("POST", path, body, timeout)

    def text(self, path, timeout, limit, query):
        """A small file that the server passes on, from its root; at most `limit` bytes."""
        address = self.url + "/" + path + "?" + urllib.parse.urlencode(query)
        try:
            found = self._read(urllib.request.Request(address, headers=self._headers), timeout, limit)
            return found.decode("utf-8", "replace")
        except Exception as error:
            raise self._trouble(error) from None

    def version(self, timeout):
        """Its version, None where it does not tell."""
        try:
            found = self._read(urllib.request.Request(self.url + "/version", headers=self._headers), timeout)
            return plain(found.decode("utf-8", "replace").strip(), 20)
        except urllib.error.HTTPError:
            return None
        except Exception as error:
            raise self._trouble(error) from None

    def _call(self, method, path, body, timeout):
        data = None if body is None else json.dumps(body).encode()
        address = self.url + "/api/2.0/mlflow/" + path
        request = urllib.request.Request(address, data=data, headers=self._headers, method=method)
        try:
            found = json.loads(self._read(request, timeout) or b"{}")
            if not isinstance(found, dict):
                raise ValueError("not of the API")
            return found
        except Exception as error:
            raise self._trouble(error) from None

    def _read(self, request, timeout, limit=LIMIT):
        with self._opener.open(request, timeout=max(0.05, timeout)) as answer:
            data = answer.read(limit + 1)
        if len(data) > limit:
            raise ValueError("too large")
        return data

    def _trouble(self, error):
        if isinstance(error, urllib.error.HTTPError):
            return self._refusal(error)
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLError):
            hint = "Name its CA in MLFLOW_TRACKING_SERVER_CERT_PATH."
            return Unreachable(
                "The certificate of the tracking server %s is not trusted." % self.name, hint=hint
            )
        if isinstance(error, ValueError):
            return Unreachable("%s does not answer as a tracking server does." % self.name)
        if isinstance(reason, socket.timeout):
            return late(self.name)
        if isinstance(reason, (OSError, http.client.HTTPException)):
            problem = Unreachable(
                "The tracking server %s does not answer." % self.name,
                hint="Start it, or choose another one with %mlflow connect.",
            )
            problem.may_have_arrived = not isinstance(reason, (ConnectionRefusedError, socket.gaierror))
            return problem
        return Unreachable("The tracking server %s could not be asked." % self.name)

    def _refusal(self, error):
        try:
            told = json.loads(error.read(65536))
            code, message = str(told.get("error_code")), str(told.get("message"))
        except Exception:
            code, message = "", ""
        if error.code in (401, 403) and not code:
            return Refused(
                "The tracking server %s wants a login that this kernel does not have." % self.name,
                code="LOGIN",
                hint="Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD for this kernel.",
            )
        if 300 <= error.code < 400:
            return Unreachable("%s sends requests elsewhere; give the address where it leads." % self.name)
        if error.code in (502, 503, 504):
            return Unreachable("The tracking server %s is not available now." % self.name)
        # Duplicates are told with their SQL.
        message = message.partition("(raised as a result")[0].partition("[SQL")[0].strip().splitlines()
        said = plain(message[0], 300) if message and message[0] else "status %d" % error.code
        return Refused("MLflow refuses: %s" % said, code=code or str(error.code))


def late(name):
    """What is said of a server whose time is used up."""
    return Unreachable(
        "The tracking server %s has not answered in time." % name,
        hint="Try again when it is up, or choose another one with %mlflow connect.",
    )


class Refused(Problem):
    """MLflow's own no; `code` is its word for it, such as RESOURCE_DOES_NOT_EXIST."""

    def __init__(self, message, code="", **more):
        self.code = code
        super().__init__(message, **more)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A login must not travel on."""

    def redirect_request(self, *args, **kwargs):
        return None


def _login(parts, environ):
    user, password = environ.get("MLFLOW_TRACKING_USERNAME"), environ.get("MLFLOW_TRACKING_PASSWORD")
    if parts.username:
        user, password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
    elif not (user and password):
        user, password = _file_login() if not environ.get("MLFLOW_TRACKING_TOKEN") else (None, None)
    if user and password is not None:
        return {"Authorization": "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()}
    token = environ.get("MLFLOW_TRACKING_TOKEN")
    return {"Authorization": "Bearer " + token} if token else {}


def _file_login():
    try:
        file = configparser.ConfigParser(interpolation=None)
        file.read(os.path.expanduser("~/.mlflow/credentials"), encoding="utf-8")
        found = file["mlflow"]
        return found.get("mlflow_tracking_username"), found.get("mlflow_tracking_password")
    except (KeyError, configparser.Error, OSError, UnicodeDecodeError):
        return None, None


def _tls(environ):
    if (environ.get("MLFLOW_TRACKING_INSECURE_TLS") or "").lower() in ("true", "1"):
        return ssl._create_unverified_context()  # noqa: S323 - asked for by MLflow's own variable
    authority = environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or environ.get("REQUESTS_CA_BUNDLE")
    try:
        context = ssl.create_default_context(cafile=authority or None)
        if environ.get("MLFLOW_TRACKING_CLIENT_CERT_PATH"):
            context.load_cert_chain(environ["MLFLOW_TRACKING_CLIENT_CERT_PATH"])
        return context
    except OSError:
        raise Problem(
            "The file of certificates that the MLFLOW_TRACKING_… variables name cannot be read."
        ) from None
