"""How the rooms are put together: settings, addresses, start of the server."""
