"""What went wrong between Jupyter and a tracking server, in a sentence."""

from __future__ import annotations

import ssl

import httpx

from ..problems import Problem


def upstream_problem(uri: str, error: Exception, seconds: float, *, begun: bool = False) -> Problem:
    """The problem for an error of the HTTP client; `uri` without credentials, `begun`: within the answer."""
    certificate = _find(error, ssl.SSLCertVerificationError)
    if certificate is not None:
        reason = getattr(certificate, "verify_message", "") or "not trusted"
        return Problem(
            "upstream-tls",
            f"The certificate of {uri} is refused: {reason}.",
            "Give the CA bundle of your organisation for this server (or set REQUESTS_CA_BUNDLE where "
            "Jupyter starts).",
            status=502,
        )
    if _find(error, ssl.SSLError) is not None:
        return Problem(
            "upstream-tls",
            f"No secure connection to {uri} could be made.",
            "Check whether the server speaks https, and whether it asks for a client certificate.",
            status=502,
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return Problem(
            "upstream-timeout",
            f"{uri} could not be reached in time.",
            "Check the address, the network and whether a VPN or proxy is needed.",
            status=504,
        )
    if isinstance(error, httpx.TimeoutException):
        return Problem(
            "upstream-timeout",
            f"{uri} did not answer within {seconds:g} seconds.",
            "Try again, ask for less at once, or see whether the tracking server is overloaded.",
            status=504,
        )
    if isinstance(error, httpx.ProxyError):
        return Problem(
            "upstream-unreachable",
            f"The network proxy refused to connect to {uri}.",
            "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY where Jupyter starts.",
            status=502,
        )
    if begun or isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return Problem(
            "upstream-broken",
            f"{uri} closed the connection before its answer was complete.",
            "Try again; if it happens again, see the log of the tracking server.",
            status=502,
        )
    return Problem(
        "upstream-unreachable",
        f"{uri} cannot be reached: {_reason(error)}.",
        "Check the address, and whether the tracking server is running.",
        status=502,
    )


def _find(error: BaseException | None, kind: type[BaseException]) -> BaseException | None:
    """The first of `kind` in the chain of causes."""
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
        seen += 1
    return None


def _reason(error: Exception) -> str:
    text = str(error).lower()
    if (
        "name or service not known" in text
        or "getaddrinfo" in text
        or "nodename" in text
        or "resolution" in text
    ):
        return "no machine has this name"
    if isinstance(error, httpx.ConnectError):
        if "refused" in text or "all connection attempts failed" in text:
            return "nothing answers there"
        if "unreachable" in text:
            return "there is no way to that network"
    return "the connection failed"
