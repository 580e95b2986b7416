"""Makes the tables that are missing (C-MIG-2)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tria_aibpo.app import make_chatbot
from tria_aibpo.settings import read_settings

make_chatbot(read_settings()).sessions.prepare(30)
print("the schema is complete", flush=True)
