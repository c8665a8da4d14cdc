"""The API for the council's other systems: `/api/v1/`, described at `/api/v1/openapi.json`.

A caller is a program with a token of one council, and is shown that council alone. No address holds
what is known of a person: packages are asked for by key, persons are named in bodies.
"""
