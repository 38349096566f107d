"""From a question without an answer to a case with HR: preview, yes or no, the person's form.

A yes counts only for what was shown just before it, or for the question its button names.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction, button
from actions.resources import resources
from actions.turn import Message, Turn
from bot.desk.cases import open_case

FORM = "hr_question_form"
# What happens within a turn without anything being said to the person.
_SILENT_ACTIONS = {"action_listen", "action_extract_slots", FORM}
_NOT_A_QUESTION = {"affirm", "greet", "thanks", "open_question", "talk_to_person"}
_FEW_WORDS = 4


@dataclass(frozen=True)
class Pending:
    """A question that was shown and waits for a yes."""

    turn_id: str
    question: str
    topic: str | None


class Handover(TurnAction):
    """Says that there is no approved answer and shows what HR would get."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_handover"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Offer the message, or the one that the pressed button names."""
        return offer(dispatcher, turn, turn.subject, "utter_handover")


class TalkToPerson(TurnAction):
    """Passes on the question just asked; without one, asks what the question is."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_talk_to_person"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Offer the last question, or open the form."""
        if turn.last_question is not None:
            return offer(dispatcher, turn, turn.last_question, "utter_preview_question")
        return [*_forget_pending(), SlotSet("hr_question", None), FollowupAction(FORM)]


class ValidateHRQuestion(TurnAction):
    """Decides what becomes of a message that comes while the form waits for the question."""

    def name(self) -> str:
        """Return the name that Rasa looks for."""
        return f"validate_{FORM}"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:  # noqa: ARG002
        """Take the message as the question, ask again, or leave the form."""
        if turn.slots.get("requested_slot") is None or "action_talk_to_person" in turn.actions:
            return []
        if turn.actions - _SILENT_ACTIONS:
            return [SlotSet("requested_slot", None)]
        if turn.message.is_choice:
            return [SlotSet("hr_question", None), ActionExecutionRejected(FORM)]
        if _is_no_question(turn.message):
            return [SlotSet("hr_question", None)]
        question = turn.slots.get("hr_question")
        return [SlotSet("hr_question", question)] if question else []


class PreviewQuestion(TurnAction):
    """Shows the question from the form; says nothing if the form was left without one."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_preview_question"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Offer the question."""
        if not turn.slots.get("hr_question"):
            return []
        offered = offer(dispatcher, turn, turn.message, "utter_preview_question")
        return [*offered, SlotSet("hr_question", None)]


class Affirm(TurnAction):
    """Sends what was shown just before to HR."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_affirm"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Open the case and say its number; a yes to nothing is friendly."""
        pending = _pending(turn)
        if pending is None:
            dispatcher.utter_message(response="utter_nothing_pending")
            return _forget_pending()
        here = not turn.is_shared or turn.entities.get("answer_here") == "yes"
        given = resources()
        with given.database.write() as session:
            case = open_case(
                session,
                turn_id=pending.turn_id,
                conversation_id=turn.conversation,
                question=pending.question,
                topic=pending.topic,
                routing=given.routing,
                now=given.now(),
                answer_here=turn.is_shared and here,
            )
            reference = case.reference
        response = "utter_case_opened" if here else "utter_case_opened_privately"
        dispatcher.utter_message(response=response, reference=reference)
        return _forget_pending()


class Deny(TurnAction):
    """Lets go of what was shown."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_deny"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Say that nothing was sent, if something would have been."""
        said = "utter_deny" if _pending(turn) is None else "utter_not_sent"
        dispatcher.utter_message(response=said)
        return _forget_pending()


class Cancel(TurnAction):
    """Stops whatever is going on."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_cancel"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:  # noqa: ARG002
        """Say that nothing was sent."""
        dispatcher.utter_message(response="utter_cancelled")
        return [*_forget_pending(), SlotSet("hr_question", None)]


def offer(dispatcher: CollectingDispatcher, turn: Turn, message: Message, response: str) -> Events:
    """Show exactly what HR would get, and remember it until the next message."""
    quote = "\n".join(f"> {line}" for line in message.text.splitlines())
    buttons = [button("Send to HR", "affirm", turn=message.turn_id)]
    if turn.is_shared:
        here = button(
            "Send, answer in this thread", "affirm", turn=message.turn_id, answer_here="yes"
        )
        buttons.append(here)
    buttons.append(button("No, thanks", "deny", turn=message.turn_id))
    dispatcher.utter_message(response=response, quote=quote, buttons=buttons)
    return [
        SlotSet("pending_question", message.text),
        SlotSet("pending_topic", message.best_topic),
        SlotSet("pending_turn", message.turn_id),
        SlotSet("offered_turn", turn.message.turn_id),
    ]


def _pending(turn: Turn) -> Pending | None:
    named = turn.entities.get("turn")
    if named is not None:
        message = turn.message_of(named)
        return message and Pending(message.turn_id, message.text, message.best_topic)
    offered = turn.slots.get("offered_turn")
    if offered is None or turn.previous is None or turn.previous.turn_id != offered:
        return None
    return Pending(
        turn.slots["pending_turn"], turn.slots["pending_question"], turn.slots["pending_topic"]
    )


def _forget_pending() -> Events:
    names = ("pending_question", "pending_topic", "pending_turn", "offered_turn")
    return [SlotSet(name, None) for name in names]


def _is_no_question(message: Message) -> bool:
    return message.intent in _NOT_A_QUESTION and len(message.text.split()) <= _FEW_WORDS
