"""The REST API under /v1: one file a resource; pydantic lives only here."""
