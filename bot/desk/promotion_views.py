"""How HR sees an answer for others: the draft's form, its card, and which open cases it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from bot.db.answers import Promotion
from bot.db.models import Case
from bot.desk.card import asked_on
from bot.desk.fields import choice_input, day_input, line_input
from bot.desk.mrkdwn import escape
from bot.desk.promotions import reference_of
from bot.desk.routing import category_of
from bot.desk.views import (
    LABEL_LIMIT,
    SECTION_LIMIT,
    Block,
    Say,
    actions,
    button,
    context,
    header,
    modal,
    option,
    plain,
    quote,
    sections,
    shortened,
    text_input,
)
from bot.faq.promoted import LIVE, SENT_BACK, WAITING
from bot.privacy.audience import AUDIENCES

DRAFT_MODAL, SEND_BACK_MODAL = "promotion_draft", "promotion_send_back"
APPROVE, SEND_BACK, WITHDRAW, REVISE, ANSWER_ALL = (
    "promotion_approve",
    "promotion_return",
    "promotion_withdraw",
    "promotion_revise",
    "promotion_answer_all",
)
QUESTIONS, TOPIC, USE, ANSWER = "draft_questions", "draft_topic", "draft_use", "draft_answer"
TITLE, CATEGORY, AUDIENCE = "draft_title", "draft_category", "draft_audience"
OWNER, LINK, REVIEW, REMARK = "draft_owner", "draft_link", "draft_review", "remark"
NEW = "new"
KEEP, REPLACE = "keep", "replace"
SHOWN_LENGTH = 1500
CASES_SHOWN = 10


@dataclass(frozen=True)
class DraftForm:
    """What the draft's form remembers: its case, and where that was answered."""

    case: int
    channel: str

    def sealed(self) -> str:
        """Return it as Slack keeps it in `private_metadata`."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, metadata: str) -> DraftForm:
        """Return what `sealed` wrote."""
        return cls(**json.loads(metadata))


@dataclass(frozen=True)
class NearTopic:
    """A topic that is asked about in a similar way, and its nearest question."""

    topic: str
    title: str
    question: str


@dataclass(frozen=True)
class Filled:
    """What stands in the draft's fields when it opens. `topic` None: a new one."""

    phrasings: tuple[str, ...]
    answer: str
    topic: str | None
    title: str
    category: str | None
    audience: str
    owner: str
    link: str
    review_by: date
    replaces: bool = False


def draft_modal(
    form: DraftForm,
    filled: Filled,
    near: Sequence[NearTopic],
    topics: Sequence[tuple[str, str]],
    say: Say,
) -> Block:
    """Return the form in which an answer is made ready for others.

    Args:
        near: what may answer the question already.
        topics: id and title of every topic that there is.
    """
    return modal(
        DRAFT_MODAL,
        say("draft_title"),
        [
            *sections(say("draft_intro")),
            *_near(near, say),
            text_input(
                QUESTIONS,
                say("draft_questions"),
                QUESTIONS,
                hint=say("draft_questions_hint"),
                initial="\n".join(filled.phrasings),
            ),
            _topic_select(filled, near, topics, say),
            choice_input(
                USE, say("draft_use"), [(u, say(f"draft_use_{u}")) for u in (KEEP, REPLACE)],
                REPLACE if filled.replaces else KEEP, kind="radio_buttons",
            ),
            line_input(TITLE, say("draft_new_title"), filled.title, optional=True, longest=60),
            choice_input(
                CATEGORY,
                say("draft_category"),
                [(name, name) for name in sorted({category_of(t) or "" for t, _ in topics})],
                filled.category,
                optional=True,
            ),
            text_input(
                ANSWER,
                say("draft_answer"),
                ANSWER,
                hint=say("draft_answer_hint"),
                initial=filled.answer,
            ),
            choice_input(
                AUDIENCE,
                say("draft_audience"),
                [(name, say(f"audience_{name}")) for name in AUDIENCES],
                filled.audience,
            ),
            line_input(OWNER, say("draft_owner"), filled.owner, longest=120),
            line_input(LINK, say("draft_link"), filled.link, kind="url_text_input"),
            day_input(REVIEW, say("draft_review"), filled.review_by),
        ],
        submit=say("draft_submit"),
        close=say("modal_cancel"),
        metadata=form.sealed(),
    )  # fmt: skip


def promotion_card(
    promotion: Promotion, topic_title: str, mention: Callable[[str | None], str | None], say: Say
) -> tuple[str, list[Block]]:
    """Return the card's fallback text and blocks; it shows the promotion as it is now."""
    status = say(f"promotion_{promotion.status}")
    reference = reference_of(promotion)
    who = mention(promotion.proposer_id) or say("card_nobody")
    facts = {
        "promotion_topic": escape(topic_title),
        "promotion_for": escape(say(f"audience_{promotion.audience}")),
        "promotion_owner": escape(promotion.owner),
        "promotion_review": f"{promotion.review_by:%B} {promotion.review_by.day}, "
        f"{promotion.review_by.year}",
        "promotion_by": who,
        **(
            {"promotion_decided": mention(promotion.decider_id) or say("card_nobody")}
            if promotion.status != WAITING
            else {}
        ),
    }
    fields = [{"type": "mrkdwn", "text": f"*{say(key)}*\n{text}"} for key, text in facts.items()]
    questions = "\n".join(quote(phrasing.text) for phrasing in promotion.phrasings)
    answer = promotion.answer
    blocks = [
        header(f"{reference} · {status}"),
        *sections(f"*{say('promotion_questions')}*\n{questions}"),
        *sections(
            f"*{say('promotion_answer')}*\n{escape(answer)[:SHOWN_LENGTH]}"
            if answer is not None
            else escape(say("promotion_keeps"))
        ),
        {"type": "section", "fields": fields},
    ]
    if promotion.status == SENT_BACK and promotion.remark:
        blocks += sections(f"*{say('promotion_remark')}*\n{quote(promotion.remark)}")
    buttons = _card_buttons(promotion, say)
    if buttons:
        blocks.append(actions("promotion", buttons))
    return f"{reference} ({status}): {topic_title}"[:SECTION_LIMIT], blocks


def send_back_modal(promotion: Promotion, channel: str, say: Say) -> Block:
    """Return the form in which somebody says what should change."""
    return modal(
        SEND_BACK_MODAL,
        say("send_back_title", reference=reference_of(promotion)),
        [text_input(REMARK, say("send_back_label"), REMARK, max_length=1000)],
        submit=say("button_send_back"),
        close=say("modal_cancel"),
        metadata=json.dumps({"promotion": promotion.id, "channel": channel}),
    )


def offer_view(promotion: Promotion, cases: Sequence[Case], say: Say) -> tuple[str, list[Block]]:
    """Return what asks a queue whether a new answer also answers these open cases."""
    reference = reference_of(promotion)
    text = say("offer_cases", reference=reference, count=str(len(cases)))
    lines = [
        f"• *{case.reference}* · {asked_on(case)}\n{escape(shortened(case.question, 200))}"
        for case in cases[:CASES_SHOWN]
    ]
    if len(cases) > CASES_SHOWN:
        lines.append(say("and_more", count=str(len(cases) - CASES_SHOWN)))
    value = f"{promotion.id}:{','.join(str(case.id) for case in cases)}"
    answer_all = button(
        say("button_answer_all"), ANSWER_ALL, value, about=reference, style="primary"
    )
    return text, [*sections(f"*{text}*"), *sections("\n".join(lines)), actions("all", [answer_all])]


def answered_all(reference: str, answered: Iterable[str], say: Say) -> tuple[str, list[Block]]:
    """Return what stands there once they are answered."""
    named = ", ".join(answered) or say("card_nobody_waits")
    text = say("offer_answered", reference=reference, cases=named)
    return text, sections(escape(text))


def _near(near: Sequence[NearTopic], say: Say) -> list[Block]:
    if not near:
        return []
    lines = [f"• *{escape(one.title)}*: {escape(shortened(one.question, 120))}" for one in near]
    return [
        *sections(f"*{say('draft_near')}*\n" + "\n".join(lines)),
        context(say("draft_near_hint")),
    ]


def _topic_select(
    filled: Filled, near: Sequence[NearTopic], topics: Sequence[tuple[str, str]], say: Say
) -> Block:
    titles = dict(topics)
    first = [filled.topic, *(one.topic for one in near)]
    likely = [topic for topic in dict.fromkeys(first) if topic in titles]
    groups = {say("draft_new"): [(NEW, say("draft_new_topic"))]}
    groups[say("draft_likely")] = [(topic, titles[topic]) for topic in likely]
    for topic, title in sorted(topics, key=lambda pair: (category_of(pair[0]), pair[1])):
        if topic not in likely:
            groups.setdefault(str(category_of(topic)), []).append((topic, title))
    chosen = filled.topic if filled.topic in titles else NEW
    options = {value: option(title, value) for some in groups.values() for value, title in some}
    return {
        "type": "input",
        "block_id": TOPIC,
        "label": plain(say("draft_topic")),
        "element": {
            "type": "static_select",
            "action_id": TOPIC,
            "initial_option": options[chosen],
            "option_groups": [
                {"label": plain(name[:LABEL_LIMIT]), "options": [options[v] for v, _ in some]}
                for name, some in groups.items()
                if some
            ],
        },
    }


def _card_buttons(promotion: Promotion, say: Say) -> list[Block]:
    about, value = reference_of(promotion), str(promotion.id)
    if promotion.status == WAITING:
        return [
            button(say("button_approve"), APPROVE, value, about=about, style="primary"),
            button(say("button_send_back"), SEND_BACK, value, about=about),
        ]
    if promotion.status == LIVE:
        return [button(say("button_take_back"), WITHDRAW, value, about=about)]
    if promotion.status == SENT_BACK and promotion.case_id is not None:
        return [button(say("button_revise"), REVISE, value, about=about)]
    return []
