"""Serves, on 8003 or on the port that is given."""

from __future__ import annotations

import logging
import sys

import uvicorn

from .app import make_app, make_chatbot
from .settings import InvalidSettings, read_settings

PORT = 8003

#: A database beside this one may still be starting.
PATIENCE_S = 30


def main() -> None:
    logging.basicConfig(level="INFO", stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = read_settings()
    except InvalidSettings as error:
        for line in str(error).splitlines():
            print(f"tria-aibpo: {line}", file=sys.stderr)
        sys.exit(1)
    bot = make_chatbot(settings)
    bot.sessions.prepare(PATIENCE_S)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    uvicorn.run(make_app(settings, bot), host="0.0.0.0", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main()
