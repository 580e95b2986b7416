"""What tells one release from another. A later release's layer replaces this file."""

VERSION = "1.0.0"
