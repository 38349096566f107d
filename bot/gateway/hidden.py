"""What redaction hides in a conversation: its placeholders stay the same, and people are told once.

Of what was hidden, a conversation keeps two hex digits of a keyed hash a word: enough to give
the same placeholder to the same name or number again, too little to tell what it was.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.db.models import Case, Conversation, InboxRow
from bot.db.queues import enqueue
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH
from bot.privacy.redaction import KINDS, Numbers, Redacted, redact
from bot.privacy.sealing import Seal

FINGERPRINT_LENGTH = 2
MOST_KINDS_TOLD = 3


def redacted_in(
    session: Session, conversation: Conversation, text: str, seal: Seal | None
) -> Redacted:
    """Redact what somebody wrote, with the placeholders of their conversation.

    Args:
        seal: makes the fingerprints; without it placeholders count anew in each text.
    """
    redacted = redact(text)
    if seal is None or not redacted.kinds:
        return redacted
    session.flush()
    # Two messages at once must not give one number to two names.
    session.refresh(conversation, with_for_update=True)

    def fingerprint(word: str) -> str:
        return seal.fingerprint("placeholder", conversation.id, word)[:FINGERPRINT_LENGTH]

    numbers = Numbers(conversation.placeholders, fingerprint)
    redacted = redact(text, numbers)
    conversation.placeholders = numbers.known
    return redacted


def redacted_of_case(session: Session, case_id: int, text: str, seal: Seal) -> Redacted:
    """Redact what an asker writes about a case, with the placeholders of their conversation.

    Of an anonymous case nothing is kept that could be compared with other words of the asker.
    """
    case = session.get(Case, case_id)
    if case is None or case.anonymous:
        return redact(text)
    return redacted_in(session, session.get(Conversation, case.conversation_id), text, seal)


def tell_once(
    session: Session,
    conversation: Conversation,
    kinds: list[str] | None,
    *,
    key: str,
    is_shared: bool,
    wording: Wording,
    now: datetime,
) -> bool:
    """Tell somebody, once a conversation, what was removed from their message.

    Args:
        key: the turn or message after which it is said.
        is_shared: others read along, so only the person sees it.

    Returns:
        Whether there is something to tell.
    """
    if not kinds or conversation.is_told:
        return False
    conversation.is_told = True
    if is_shared:
        kind, payload = "pointer", {"wording": "hidden_told_shared", "in_thread": True}
    else:
        said = "hidden_told_web" if conversation.is_web else "hidden_told"
        text = wording.say(said, what=named_kinds(kinds, wording))
        kind, payload = "notice", {"messages": [{"text": text, "metadata": {"audience": BOTH}}]}
    enqueue(
        session,
        delivery_key=f"hidden:{key}",
        kind=kind,
        lane=conversation.id,
        payload=payload,
        audience=BOTH,
        conversation_id=conversation.id,
        now=now,
    )
    return True


def tell_of_turn(
    session: Session, row: InboxRow, *, is_shared: bool, wording: Wording, now: datetime
) -> bool:
    """Tell once what was removed from the message of a turn that has its reply, or before.

    Returns as `tell_once`.
    """
    conversation = session.get(Conversation, row.conversation_id)
    return tell_once(
        session,
        conversation,
        row.hidden or list(conversation.placeholders or ()),
        key=row.turn_id,
        is_shared=is_shared,
        wording=wording,
        now=now,
    )


def named_kinds(kinds: list[str], wording: Wording) -> str:
    """Return kinds of placeholders in words: “a phone number and a name”."""
    found = [kind for kind in KINDS if kind in kinds]
    words = [wording.say(f"hidden_{kind}") for kind in found[:MOST_KINDS_TOLD]]
    if len(found) > MOST_KINDS_TOLD:
        words.append(wording.say("hidden_more"))
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
