"""What the product asks a language model for, by rules instead: what somebody wants, in which tone, and what to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

INTENTS = {
    "complaint": ("complain", "angry", "terrible", "unacceptable", "broken", "damaged"),
    "order_status": ("where is my order", "order status", "track", "tr-"),
    "policy": ("policy", "refund", "return", "shipping", "warranty", "invoice", "payment", "delivery", "privacy"),
    "greeting": ("hello", "good morning", "hi "),
}

TONES = {"complaint": "apologetic", "order_status": "factual", "policy": "helpful", "greeting": "friendly"}

OPENINGS = {
    "apologetic": "I am sorry about that.",
    "factual": "Here is what I found.",
    "helpful": "Happy to help.",
    "friendly": "Hello!",
    "neutral": "Thank you for your message.",
}


@dataclass(frozen=True)
class Reply:
    intent: str
    tone: str
    text: str
    sources: list[str]


def intent_of(message: str) -> str:
    lower = f"{message.lower()} "
    return next((name for name, signs in INTENTS.items() if any(sign in lower for sign in signs)), "other")


def order_number(message: str) -> str | None:
    found = re.search(r"\bTR-\d{4}\b", message, re.IGNORECASE)
    return found.group().upper() if found else None


def reply(message: str, found: list[tuple[str, str]], extra: str = "") -> Reply:
    """:param extra: what is known beside the policies"""
    intent = intent_of(message)
    tone = TONES.get(intent, "neutral")
    said = [OPENINGS[tone], *([extra] if extra else []), *(text for _, text in found)]
    if len(said) == 1:
        said.append("I will pass this on to a colleague.")
    return Reply(intent, tone, " ".join(said), sorted({policy for policy, _ in found}))


def valid(answer: Reply) -> bool:
    """Whether an answer may be sent: it says something, and promises nothing that no policy says."""
    return bool(answer.text.strip()) and not re.search(r"\bguarantee", answer.text, re.IGNORECASE)
