"""Takes the policies apart and indexes them (C-DATA-2). Without --yes it only says what it would do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tria_aibpo.knowledge import Knowledge, pieces

found = list(pieces())
if "--yes" not in sys.argv[1:]:
    sys.exit(f"{len(found)} chunks would be indexed; say --yes")
print(f"{Knowledge().build(found)} total policy chunks indexed", flush=True)
