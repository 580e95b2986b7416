"""What tells one release from another. A later release's layer replaces this file and adds its migrations."""

VERSION = "1.0.0"

#: Columns that this release adds to the answers about companies.
COMPANY_EXTRAS: tuple[str, ...] = ()
