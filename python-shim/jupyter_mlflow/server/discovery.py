"""What could be used as a tracking server with one click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .tracking_servers import TrackingServer

if TYPE_CHECKING:
    from .services import Services


async def suggestions(
    services: Services, servers: Sequence[TrackingServer], *, discover: bool
) -> list[dict[str, Any]]:
    """The `Suggestion`s of docs/architecture.md, without what is in the list already."""
    return []
