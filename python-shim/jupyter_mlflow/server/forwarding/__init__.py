"""From the browser to a tracking server: what may pass, over which connection, with which login."""
