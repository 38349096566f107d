"""What people say about the talk itself: say it again, that isn't it, you are useless.

None of it is a question; the question before it still stands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction, button
from actions.follow_ups import follow_up
from actions.handover import PERSON, offer, person_button
from actions.offered import may_be_offered, title_for
from actions.resources import resources
from actions.turn import LEAST_CONFIDENCE, Message, Said, Turn
from bot.privacy.audience import may_see

MOST_TOPICS = 3
# So many messages back, a complaint is still the same one.
_COMPLAINT_REACH = 4


class Repeat(TurnAction):
    """Says the last answer again, word for word and with its buttons."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_repeat"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Repeat what this reader may see; an answer of HR's only where nobody reads along."""
        again = [said for said in turn.last_said if _may_be_repeated(said, turn)]
        for said in again:
            _say_again(dispatcher, said)
        if not again:
            dispatcher.utter_message(response="utter_nothing_to_repeat")
        return []


class Rephrase(TurnAction):
    """Offers other topics when an answer missed the point, then a person."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_rephrase"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Offer what is near and wasn't offered yet; if there is nothing, a person."""
        told = follow_up(dispatcher, turn)
        if told is not None:
            return told
        asked = turn.last_question
        if asked is None:
            dispatcher.utter_message(
                response="utter_rephrase_what", buttons=[button(PERSON, "talk_to_person")]
            )
            return []
        buttons = list(_other_topics(turn, asked))[:MOST_TOPICS]
        if not buttons:
            return offer(dispatcher, turn, asked, "utter_rephrase_person")
        buttons.append(person_button(asked))
        dispatcher.utter_message(response="utter_rephrase", buttons=buttons)
        return []


class Reaction(TurnAction):
    """Takes a sign, an emoji or a sigh, which may be an answer: "idk"."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_reaction"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Answer it if something was asked; else be there."""
        told = follow_up(dispatcher, turn)
        if told is not None:
            return told
        dispatcher.utter_message(response="utter_reaction")
        return []


class Complaint(TurnAction):
    """Takes a complaint about the assistant: sorry once, then only the way to a person."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_complaint"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Apologise, unless that was done just before, and offer a person."""
        recent = turn.earlier[:_COMPLAINT_REACH]
        again = any(message.intent == "complaint" for message in recent)
        asked = turn.last_question
        dispatcher.utter_message(
            response="utter_complaint_again" if again else "utter_complaint",
            buttons=[person_button(asked) if asked else button(PERSON, "talk_to_person")],
        )
        return []


def _may_be_repeated(said: Said, turn: Turn) -> bool:
    if said.case and turn.is_shared:
        return False
    return may_see(turn.audience, said.metadata.get("audience"))


def _say_again(dispatcher: CollectingDispatcher, said: Said) -> None:
    metadata = dict(said.metadata)
    if said.case:
        dispatcher.utter_message(
            response="utter_hr_answer", reference=said.case, answer=said.text, metadata=metadata
        )
        return
    buttons = [dict(one) for one in said.buttons]
    dispatcher.utter_message(
        text=said.text, buttons=buttons, json_message=said.custom, metadata=metadata
    )


def _other_topics(turn: Turn, asked: Message) -> Iterator[dict[str, str]]:
    """Yield buttons for what may be meant: other guesses first, then what is related."""
    answered = {message.intent for message in turn.earlier[:2]}
    seen = {message.topic for message in turn.earlier[:2]} | answered | _offered(turn)
    for guess in asked.candidates:
        label = guess["label"]
        is_new = label not in seen and may_be_offered(label, turn)
        if is_new and guess["confidence"] >= LEAST_CONFIDENCE:
            seen.add(label)
            yield button(title_for(guess, turn), label, turn=asked.turn_id)
    book = resources().book
    for topic in _related(turn):
        if topic not in seen and book.is_visible(topic, turn.audience):
            seen.add(topic)
            yield button(book.title_of(topic, turn.audience), topic, turn=asked.turn_id)


def _related(turn: Turn) -> list[str]:
    return [topic for said in turn.last_said for topic in said.metadata.get("related") or ()]


def _offered(turn: Turn) -> set[str]:
    payloads = [one["payload"] for said in turn.last_said for one in said.buttons]
    return {json.loads(payload)["intent"] for payload in payloads}
