"""HTTP connections to tracking servers, kept open between requests, one pool for each server and login."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import certifi
import httpx

from ..problems import Problem
from ..tracking.addresses import RemoteAddress, redact_uri
from .credentials import Access, Tls

#: MLflow closes idle connections after 5.0 s: ours end before that.
KEEPALIVE_SECONDS = 4.0


@dataclass(frozen=True)
class ClientKey:
    """What makes two requests share connections."""

    server: str
    address: RemoteAddress
    tls: Tls


def client_key(server: str, address: RemoteAddress, access: Access) -> ClientKey:
    """The pool for a server at an address with this access."""
    return ClientKey(server, address, access.tls)


def proxy_for(address: RemoteAddress, environ: Mapping[str, str]) -> str | None:
    """The proxy the environment names for `address`; never one for this machine."""
    if address.is_loopback:
        return None
    lowered = {
        key.lower(): value for key, value in environ.items() if key.lower().endswith("_proxy") and value
    }
    if _bypassed(address, lowered.get("no_proxy", "")):
        return None
    proxy = lowered.get(f"{address.scheme}_proxy") or lowered.get("all_proxy")
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    return proxy


def _bypassed(address: RemoteAddress, no_proxy: str) -> bool:
    for entry in (part.strip().lower() for part in no_proxy.split(",")):
        if not entry:
            continue
        if entry == "*":
            return True
        name, _, port = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
        if port and port != str(address.port):
            continue
        try:
            if ipaddress.ip_address(address.host) in ipaddress.ip_network(name, strict=False):
                return True
        except ValueError:
            bare = name.lstrip("*").lstrip(".")
            if address.host == bare or address.host.endswith(f".{bare}"):
                return True
    return False


def tls_context(tls: Tls) -> ssl.SSLContext:
    """How certificates are checked: as by MLflow's client. Reads files; raises `Problem` `upstream-tls`."""
    try:
        if tls.ca is None:
            context = ssl.create_default_context(cafile=certifi.where())
        else:
            try:
                context = ssl.create_default_context(cafile=tls.ca)
            except IsADirectoryError:
                context = ssl.create_default_context(capath=tls.ca)
        if tls.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if tls.client_certificate is not None:
            context.load_cert_chain(tls.client_certificate)
    except (OSError, ssl.SSLError) as error:
        raise Problem(
            "upstream-tls",
            f"A certificate file for this tracking server cannot be read "
            f"({error.strerror or 'not a PEM file'}).",
            "Check the CA bundle and the client certificate that are configured for it.",
            status=502,
        ) from error
    return context


def _load() -> None:
    """What httpx would load with its first client and request, holding the event loop for 150 ms."""
    for name in ("httpcore", "anyio._backends._asyncio"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


class Connections:
    """Clients by key; a server whose address or certificates changed gets a new one."""

    def __init__(self, *, connect_timeout: float, environ: Mapping[str, str]) -> None:
        self._connect_timeout = connect_timeout
        self._environ = environ
        self._clients: dict[tuple[ClientKey, bool], asyncio.Task[httpx.AsyncClient]] = {}

    async def client(self, key: ClientKey, *, fresh: bool = False) -> httpx.AsyncClient:
        """A client for `key`; `fresh`: one whose connections serve one request each."""
        place = (key, fresh)
        task = self._clients.get(place)
        if task is None:
            task = asyncio.ensure_future(self._make(key, fresh))
            self._clients[place] = task
        try:
            return await asyncio.shield(task)
        except Problem:
            # Files may be put right meanwhile: the next request tries again.
            self._clients.pop(place, None)
            raise

    async def close(self) -> None:
        """Closes all of them."""
        tasks = list(self._clients.values())
        self._clients.clear()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, httpx.AsyncClient):
                await result.aclose()

    async def _make(self, key: ClientKey, fresh: bool) -> httpx.AsyncClient:
        await asyncio.to_thread(_load)
        # Loading a CA bundle takes tens of milliseconds, and only https needs one.
        verify: ssl.SSLContext | bool = False
        if key.address.scheme == "https":
            verify = await asyncio.to_thread(tls_context, key.tls)
        proxy = proxy_for(key.address, self._environ)
        try:
            return httpx.AsyncClient(
                verify=verify,
                proxy=proxy,
                trust_env=False,
                follow_redirects=False,
                limits=httpx.Limits(
                    max_connections=32,
                    max_keepalive_connections=0 if fresh else 8,
                    keepalive_expiry=KEEPALIVE_SECONDS,
                ),
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            raise Problem(
                "upstream-unreachable",
                f"The proxy {redact_uri(proxy or '')} of the environment cannot be used.",
                "Correct HTTP_PROXY, HTTPS_PROXY or NO_PROXY (a SOCKS proxy needs the package socksio).",
                status=502,
            ) from error
