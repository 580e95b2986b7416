"""Three cases against a service that runs (C-SMOKE-2, C-SMOKE-3), on this machine unless TRIA_URL says otherwise."""

import json
import os
import sys
import urllib.request
from typing import Any

URL = os.environ.get("TRIA_URL", "http://127.0.0.1:8003")


def ask(message: str) -> dict[str, Any]:
    body = json.dumps({"message": message, "session_id": "production-e2e"}).encode()
    request = urllib.request.Request(f"{URL}/api/chatbot", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def policy() -> bool:
    """Retrieval: the answer comes out of the policy that was asked about."""
    said = ask("What is your refund policy?")
    return said["intent"] == "policy" and "refunds" in said["sources"]


def complaint() -> bool:
    """Classification and tone: somebody complains."""
    said = ask("My parcel arrived damaged and this is unacceptable")
    return said["intent"] == "complaint" and said["tone"] == "apologetic"


def validated() -> bool:
    """Validation: what was said was looked at, and is remembered."""
    first, second = ask("How long does delivery take?"), ask("How long does delivery take?")
    return first["validated"] and second["turn"] == first["turn"] + 1


CASES = (policy, complaint, validated)

failed = []
for case in CASES:
    try:
        well = case()
    except Exception as error:  # noqa: BLE001 - whatever it is, the case failed
        print(f"{case.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
        well = False
    print(f"{case.__name__}: {'passed' if well else 'FAILED'}")
    if not well:
        failed.append(case.__name__)
print(f"{len(CASES) - len(failed)} of {len(CASES)} test cases passed", flush=True)
sys.exit(1 if failed else 0)
