"""What stands where somebody stood who was erased: markers that say nothing, and that runs go on with."""

from __future__ import annotations

SOMEBODY = "Somebody"
"""Where their name stood."""
NOBODY = "erased-person"
"""Where their id stood. Who would be asked by it is left to the workflow's owner; nobody is barred by it."""
NO_MAIL = "erased@example.invalid"
"""Where their mail address stood: it fits wherever an address has to, and is that of nobody."""
