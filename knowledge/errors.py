"""Everything that can go wrong in `knowledge`.

KnowledgeError
├── CorpusError            the corpus on disk breaks a rule of its own
├── DocumentError          one document cannot be used (permanent for these bytes)
├── FetchError             a URL cannot be fetched
│   └── FetchRefused       an address or size that the settings do not allow (permanent)
├── EmbedderError          the embedding model cannot be loaded or is not the one expected
├── LibraryError
│   ├── LibraryMissing     nothing built yet
│   ├── LibraryBroken      built, but not whole
│   ├── EmbedderMismatch   built with another embedder
│   └── LibraryBusy        another process is writing
└── NotHeld                an id that we do not hold
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Base of every error of this package. Its text is shown to the person and says what to do."""


class CorpusError(KnowledgeError):
    """The corpus on disk breaks one of its own rules."""


class DocumentError(KnowledgeError):
    """A document that cannot be read as it is: encrypted, empty, scanned, broken, too large."""


class FetchError(KnowledgeError):
    """A URL that could not be fetched; trying again later may help."""


class FetchRefused(FetchError):
    """A URL that the settings do not allow (scheme, private address, size); trying again does not help."""


class EmbedderError(KnowledgeError):
    """The embedding model cannot be loaded, or its files are not the expected ones."""


class LibraryError(KnowledgeError):
    """The built library cannot be used."""


class LibraryMissing(LibraryError):
    """No library has been built at this place."""


class LibraryBroken(LibraryError):
    """The library is there but not whole."""


class EmbedderMismatch(LibraryError):
    """The library was built with another embedder than the one configured."""


class LibraryBusy(LibraryError):
    """Another process holds the library for writing."""


class NotHeld(KnowledgeError):
    """An id that we do not hold."""
