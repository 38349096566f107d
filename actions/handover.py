"""From a question without an answer to a case with HR: preview, yes or no, the person's form.

A yes counts only for what was shown just before it, or for the question its button names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rasa_sdk.events import ActionExecutionRejected, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction, button, gateway_button
from actions.follow_ups import follow_up
from actions.resources import resources
from actions.turn import Message, Turn
from bot.db.models import Case, is_web
from bot.desk.asking import withdraw
from bot.desk.cases import (
    CLAIMED,
    OPEN,
    Actor,
    DeskError,
    case_of_turn,
    cases_of_person,
    open_case,
)
from bot.nlu.language import answered_in
from bot.privacy.audience import EMPLOYEE

FORM = "hr_question_form"
# What happens within a turn without anything being said to the person.
_SILENT_ACTIONS = {"action_listen", "action_extract_slots", FORM}
_NOT_A_QUESTION = {
    "affirm",
    "complaint",
    "greet",
    "how_are_you",
    "open_question",
    "reaction",
    "repeat",
    "rephrase",
    "talk_to_person",
    "thanks",
}
_FEW_WORDS = 4
_NO = {"deny", "cancel"}
_OF_A_CASE = re.compile(r"\b(?:questions?|cases?|requests?|tickets?|take it back|hr-\d+)\b")
PERSON = "Ask a person"
# The titles of the buttons below a question that waits for a yes, by language.
_TITLES = {
    None: ("Send to HR", "Send, answer in this thread", "Send anonymously", "No, thanks"),
    "es": (
        "Enviar a Recursos Humanos",
        "Enviar, responder en este hilo",
        "Enviar sin mi nombre",
        "No, gracias",
    ),
}
ADD, TAKE_BACK = "Add something", "Take it back"


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
        told = follow_up(dispatcher, turn)
        if told is not None:
            return told
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
            return _yes_to_nothing(dispatcher, turn)
        if is_web(turn.conversation) and not _is_sent(pending):
            # Only a contact form sends it; the gateway shows one in place of the button.
            asked = turn.message_of(pending.turn_id)
            if asked is None:
                return _yes_to_nothing(dispatcher, turn)
            return offer(dispatcher, turn, asked, "utter_preview_question")
        here = not turn.is_shared or turn.entities.get("answer_here") == "yes"
        given = resources()
        with given.database.write() as session:
            message = turn.message_of(pending.turn_id)
            case = open_case(
                session,
                turn_id=pending.turn_id,
                conversation_id=turn.conversation,
                question=pending.question,
                topic=pending.topic,
                candidates=message.possible_topics if message else (),
                routing=given.routing,
                now=given.now(),
                answer_here=turn.is_shared and here,
                sensitive=_may_be_sensitive(message),
            )
            reference, buttons = case.reference, case_buttons(case)
        response = "utter_case_opened" if here else "utter_case_opened_privately"
        response = _spoken_like(pending.question, response)
        shown = [] if turn.is_shared else buttons
        dispatcher.utter_message(response=response, reference=reference, buttons=shown)
        return _forget_pending()


class Deny(TurnAction):
    """Lets go of what was shown."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_deny"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Say that nothing was sent, if something would have been; a person if nothing fits."""
        pending = _pending(turn)
        if pending is not None:
            dispatcher.utter_message(response=_spoken_like(pending.question, "utter_not_sent"))
            return _forget_pending()
        asked = turn.last_question
        if asked is not None and turn.was_offered_choices:
            return offer(dispatcher, turn, asked, "utter_handover")
        dispatcher.utter_message(response="utter_deny")
        return _forget_pending()


class Cancel(TurnAction):
    """Stops whatever is going on."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_cancel"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Say that nothing was sent; offer to take back what just was, or is named."""
        case = _case_to_take_back(turn)
        if case is not None:
            dispatcher.utter_message(
                response="utter_cancel_sent",
                reference=case.reference,
                buttons=[button("Take it back", "withdraw_case", case=case.reference)],
            )
        elif _pending(turn) is not None or turn.slots.get("requested_slot"):
            dispatcher.utter_message(response="utter_cancelled")
        else:
            dispatcher.utter_message(response="utter_nothing_to_cancel")
        return [*_forget_pending(), SlotSet("hr_question", None)]


class WithdrawCase(TurnAction):
    """Takes back a question that HR hasn't answered yet."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_withdraw_case"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Withdraw the case that the button names, if it is this person's and still waits."""
        given = resources()
        reference = turn.entities.get("case")
        try:
            with given.database.write() as session:
                mine = cases_of_person(session, turn.conversation)
                case = next((case for case in mine if case.reference == reference), None)
                if case is None:
                    raise DeskError("This person has no such case.")
                asker = Actor("asker", case.person_id, case.conversation_id)
                withdraw(session, case.id, asker, given.now())
        except DeskError:
            dispatcher.utter_message(response="utter_not_withdrawn")
        else:
            dispatcher.utter_message(response="utter_withdrawn", reference=reference)
        return []


class AskHRQuestion(TurnAction):
    """Asks what the question for HR is, in the language of the person's last message."""

    def name(self) -> str:
        """Return the name under which Rasa's form looks for it."""
        return "action_ask_hr_question"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Ask."""
        response = _spoken_like(turn.message.text, "utter_ask_hr_question")
        dispatcher.utter_message(response=response)
        return []


def offer(dispatcher: CollectingDispatcher, turn: Turn, message: Message, response: str) -> Events:
    """Show exactly what HR would get, and remember it until the next message."""
    quote = "\n".join(f"> {line}" for line in message.text.splitlines())
    language = answered_in(message.text)
    send, send_here, send_anonymously, no = _TITLES[language]
    buttons = [button(send, "affirm", turn=message.turn_id)]
    if turn.is_shared:
        buttons.append(button(send_here, "affirm", turn=message.turn_id, answer_here="yes"))
    if turn.audience == EMPLOYEE:
        buttons.append(_anonymous_button(send_anonymously, turn, message))
    buttons.append(button(no, "deny", turn=message.turn_id))
    response = f"utter_preview_question_{language}" if language else response
    dispatcher.utter_message(response=response, quote=quote, buttons=buttons)
    return [
        SlotSet("pending_question", message.text),
        SlotSet("pending_topic", message.best_topic),
        SlotSet("pending_turn", message.turn_id),
        SlotSet("offered_turn", turn.message.turn_id),
    ]


def case_buttons(case: Case) -> list[dict[str, str]]:
    """Return what the asker can do with a case that waits: the gateway does it by itself."""
    titles = {"add": ADD, "withdraw": TAKE_BACK}
    return [
        gateway_button(title, gateway="case", do=what, case=case.id)
        for what, title in titles.items()
    ]


def person_button(message: Message) -> dict[str, str]:
    """Return the button that shows what a person would get: this message."""
    return button(PERSON, "handover", turn=message.turn_id)


def _anonymous_button(title: str, turn: Turn, message: Message) -> dict[str, str]:
    """Return the button with which the gateway sends a question, out of the assistant's sight."""
    return gateway_button(
        title,
        gateway="open_case",
        anonymous=True,
        question=message.text,
        topic=message.best_topic,
        candidates=list(message.possible_topics),
        sensitive=_may_be_sensitive(message),
        turns=[message.turn_id, turn.message.turn_id],
    )


def _yes_to_nothing(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
    """Show the choices again, or what the person has just refused to send; else be friendly."""
    buttons = [dict(one) for said in turn.last_said for one in said.buttons]
    if turn.was_offered_choices and buttons:
        dispatcher.utter_message(response="utter_pick_one", buttons=buttons)
        return _forget_pending()
    refused = turn.previous is not None and turn.previous.intent in _NO
    asked = turn.earlier[1] if refused and len(turn.earlier) > 1 else None
    if asked is not None and asked.is_question:
        return offer(dispatcher, turn, asked, "utter_preview_question")
    dispatcher.utter_message(response="utter_nothing_pending")
    return _forget_pending()


def _case_to_take_back(turn: Turn) -> Case | None:
    """Return the case that the message before this one opened, or that this one speaks of.

    None once somebody has answered it, and while a question waits that isn't sent yet.
    """
    named = _OF_A_CASE.search(turn.message.text.casefold())
    responses = [said.response or "" for said in turn.last_said]
    just_sent = any(response.startswith("utter_case_opened") for response in responses)
    waits = _pending(turn) is not None or turn.slots.get("requested_slot")
    if not just_sent and (named is None or waits):
        return None
    with resources().database.read() as session:
        mine = cases_of_person(session, turn.conversation)
    possible = mine[:1] if just_sent else mine
    waiting = [case for case in possible if case.status in (OPEN, CLAIMED)]
    by_reference = {case.reference.casefold(): case for case in waiting}
    return by_reference.get(named.group() if named else "") or next(iter(waiting), None)


def _spoken_like(text: str, response: str) -> str:
    """Return the response's version in the language of a text, if it has one."""
    language = answered_in(text)
    return f"{response}_{language}" if language else response


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


def _is_sent(pending: Pending) -> bool:
    with resources().database.read() as session:
        return case_of_turn(session, pending.turn_id) is not None


def _may_be_sensitive(message: Message | None) -> bool:
    """Tell whether a question may be for a restricted queue only; in doubt it is."""
    if message is None:
        return False
    is_sensitive = resources().routing.is_sensitive
    return message.may_be_sensitive or any(map(is_sensitive, message.likely_topics))


def _forget_pending() -> Events:
    names = ("pending_question", "pending_topic", "pending_turn", "offered_turn")
    return [SlotSet(name, None) for name in names]


def _is_no_question(message: Message) -> bool:
    if message.intent == "other_language":
        return not message.is_question
    return message.intent in _NOT_A_QUESTION and len(message.text.split()) <= _FEW_WORDS
