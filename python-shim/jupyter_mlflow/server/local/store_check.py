"""Whether a store can be used, asked when a person adds it and before anything is started."""

from __future__ import annotations

from .store_schema import check_file_store, check_folder, read_sqlite
from .stores import Store


def check_store(store: Store) -> None:
    """Looks at the file or folder of `store`, changes nothing. Blocks.

    A database that is not a file is asked by its local server, which has the driver for it.

    :raises Problem: missing folder, file that is not SQLite or may not be written, folder of other things
    """
    if store.path is None:
        return
    if store.kind == "sqlite":
        read_sqlite(store.path)
        check_folder(store.path.parent)
    else:
        check_file_store(store.path)
