"""Loads sample data (C-DATA-1). A second time it changes nothing."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tria_aibpo.app import make_chatbot
from tria_aibpo.settings import read_settings

print(f"{make_chatbot(read_settings()).sessions.load_samples()} sample orders", flush=True)
