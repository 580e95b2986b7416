"""The companies that migration 0014 adds, out of companies.txt: a line `[category]`, then `TICKER name` a line."""

from __future__ import annotations

from pathlib import Path


def read(text: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    category = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("["):
            category = line.strip("[]")
        else:
            ticker, name = line.split(maxsplit=1)
            found.append({"ticker": ticker, "name": name, "category": category})
    return found


COMPANIES = read((Path(__file__).parent / "companies.txt").read_text())
