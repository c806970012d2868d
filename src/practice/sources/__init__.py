"""Raw files of competitions: from a function, the web or a folder, verified and cached.

``fetch`` brings the files of a definition into the cache (``PRACTICE_HOME/cache``), each under its
sha256. ``PRACTICE_MIRROR``, a folder or a base address, is asked first for every file of the
source ``url``, by ``<mirror>/<sha256>``.
"""

from __future__ import annotations

from practice.sources.fetching import fetch
from practice.sources.files import RawFile

__all__ = ["RawFile", "fetch"]
