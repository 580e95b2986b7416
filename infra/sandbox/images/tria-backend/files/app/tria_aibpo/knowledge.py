"""The knowledge base: policies in pieces, in files of its own as ChromaDB keeps them in the product, with SQLite below.

It is built by a script and read by the service; both mount the same folder.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

FOLDER = Path("/app/chroma")
POLICIES = Path(__file__).resolve().parent.parent / "policies"

#: Words that say nothing about what a text is about.
EMPTY = frozenset("a an and are at can do does for hello how i in is it me my of on or please the to what you your".split())


def words(text: str) -> set[str]:
    """What a text is about. Plural and singular count as one."""
    return {word.removesuffix("s") for word in re.findall(r"[a-z]+", text.lower())} - EMPTY


def pieces(folder: Path = POLICIES) -> Iterator[tuple[str, str]]:
    """Each point of each policy, with the policy it stands in."""
    for file in sorted(folder.glob("*.md")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("- "):
                yield file.stem, line[2:].strip()


class Knowledge:
    def __init__(self, folder: Path = FOLDER) -> None:
        self._file = folder / "chroma.sqlite3"

    def _open(self) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self._file, timeout=5))

    def build(self, found: list[tuple[str, str]]) -> int:
        """Puts these pieces in place of what was there, all at once; how many there are."""
        with self._open() as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS chunks (policy TEXT NOT NULL, text TEXT NOT NULL)")
            database.execute("DELETE FROM chunks")
            database.executemany("INSERT INTO chunks VALUES (?, ?)", found)
            return int(database.execute("SELECT count(*) FROM chunks").fetchone()[0])

    def chunks(self) -> list[tuple[str, str]]:
        """All pieces; none while nothing was built. Raises what is wrong, if the files cannot be read."""
        with self._open() as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'chunks'").fetchone() is None:
                return []
            return [(str(policy), str(text)) for policy, text in database.execute("SELECT policy, text FROM chunks")]

    def nearest(self, question: str, most: int = 3) -> list[tuple[str, str]]:
        """The pieces that share most words with the question, the best first."""
        asked = words(question)
        scored = [(len(asked & words(f"{policy} {text}")), policy, text) for policy, text in self.chunks()]
        best = sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])
        return [(policy, text) for _, policy, text in best[:most]]


def edition(chunks: list[tuple[str, str]]) -> str:
    """A name of what is known: answers of another edition are not given again."""
    return hashlib.sha256(repr(chunks).encode()).hexdigest()[:12]
