"""What goes wrong with models, in words that say what to do."""

from __future__ import annotations

from server.errors import ServerError


class ModelError(ServerError):
    """A model cannot be fetched, checked, chosen or removed."""

    code = "model"


class DamagedModel(ModelError):
    """A file is not what its checksum says."""

    code = "damaged_model"
