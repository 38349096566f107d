"""What HR sees of campaigns: the list, the form, the dry run, and the card that asks to release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from bot.db.models import Program
from bot.db.telling import Campaign
from bot.desk.fields import choice_input, day_input, line_input
from bot.desk.mrkdwn import escape
from bot.desk.views import (
    DIVIDER,
    Block,
    Say,
    actions,
    button,
    context,
    header,
    modal,
    option,
    plain,
    sections,
    shortened,
    text_input,
)
from bot.programs.catalogue_file import EMPLOYMENT_TYPES, JOB_FAMILIES, SITES
from bot.programs.terms import IN_WORDS, day_text, list_of
from bot.telling.audience import REASONS
from bot.telling.campaigns import DRAFT, PAUSED, RUNNING, STOPPED, WAITING
from bot.telling.dry_run import DryRun

FORM_MODAL, DRY_RUN_MODAL = "campaign_form", "campaign_dry_run_modal"
NEW, SHOW, TEST = "campaign_new", "campaign_show", "campaign_test"
PAUSE, GO_ON, STOP, RELEASE = (
    "campaign_pause",
    "campaign_go_on",
    "campaign_stop",
    "campaign_release",
)
CHANGES = (PAUSE, GO_ON, STOP, RELEASE)
TITLE, PROGRAM, TEXT, LINK = "campaign_title", "campaign_program", "campaign_text", "campaign_link"
START, END, REPEAT, REMIND = "campaign_start", "campaign_end", "campaign_repeat", "campaign_remind"
GROUPS = {
    "employment_types": EMPLOYMENT_TYPES,
    "job_families": JOB_FAMILIES,
    "sites": SITES,
}
REPEATS = (14, 28, 90)
REMIND_BEFORE = (14, 7, 4, 2)
NO_PROGRAM, ONCE = "none", "0"
SHOWN_AT_MOST, PEOPLE_AT_MOST = 12, 20
LONGEST_TEXT = 1500
_BUTTONS = {
    DRAFT: (STOP,),
    WAITING: (RELEASE, STOP),
    RUNNING: (PAUSE, STOP),
    PAUSED: (GO_ON, STOP),
    STOPPED: (),
}
Mention = Callable[[str], str]


def overview(
    campaigns: Sequence[Campaign], told: Mapping[str, int], say: Say
) -> tuple[str, list[Block]]:
    """Return the list of campaigns with what can be done about each.

    Args:
        told: how many people each has told so far, by id.
    """
    new = actions("campaign-new", [button(say("campaign_new"), NEW, "new", style="primary")])
    blocks = [header(say("campaign_list")), new]
    for number, campaign in enumerate(campaigns[:SHOWN_AT_MOST]):
        blocks += [DIVIDER, *sections(summary(campaign, told.get(campaign.id, 0), say))]
        blocks.append(_buttons(number, campaign, say))
    if not campaigns:
        blocks += sections(say("campaign_none"))
    if len(campaigns) > SHOWN_AT_MOST:
        more = str(len(campaigns) - SHOWN_AT_MOST)
        blocks.append(context(say("and_more", count=more)))
    return say("campaign_list"), blocks


def summary(campaign: Campaign, told: int, say: Say) -> str:
    """Return a campaign in two lines of mrkdwn."""
    status = say(f"campaign_is_{campaign.status}")
    lines = [f"*{escape(campaign.title)}* · {status} · {say('campaign_told', count=str(told))}"]
    days = say("campaign_from", date=day_text(campaign.starts_on))
    if campaign.ends_on:
        days += f" {say('campaign_until', date=day_text(campaign.ends_on))}"
    parts = [days]
    if campaign.repeat_days:
        parts.append(say("campaign_repeats", days=str(campaign.repeat_days)))
    if campaign.reminder_days:
        days = ", ".join(str(number) for number in campaign.reminder_days)
        parts.append(say("campaign_reminds", days=days))
    narrowed = conditions_text(campaign.conditions, say)
    return "\n".join([*lines, " · ".join([*parts, *([narrowed] if narrowed else [])])])


def conditions_text(conditions: Mapping[str, Any], say: Say) -> str:
    """Return for whom a campaign is beyond its program's own rules, empty for everybody."""
    parts = [list_of(conditions[name]) for name in GROUPS if conditions.get(name)]
    if conditions.get("min_fte"):
        parts.append(say("campaign_min_fte", fte=f"{conditions['min_fte']:g}"))
    if conditions.get("min_tenure_months"):
        parts.append(say("campaign_min_months", months=str(conditions["min_tenure_months"])))
    return say("campaign_only", who="; ".join(parts)) if parts else ""


def form_modal(programs: Iterable[Program], today: date, say: Say) -> Block:
    """Return the form of a new campaign."""
    blocks: list[Block] = [
        *sections(say("campaign_intro")),
        line_input(TITLE, say("campaign_title"), None, longest=120),
        _program_input(programs, say),
        {
            **text_input(
                TEXT,
                say("campaign_text"),
                TEXT,
                hint=say("campaign_text_hint"),
                max_length=LONGEST_TEXT,
            ),
            "optional": True,
        },
        line_input(LINK, say("campaign_link"), None, kind="url_text_input", optional=True),
    ]
    for name, values in GROUPS.items():
        choices = [(value, _capital(IN_WORDS[value])) for value in values]
        blocks.append(
            choice_input(
                f"campaign_{name}",
                say(f"campaign_{name}"),
                choices,
                None,
                kind="multi_static_select",
                optional=True,
            )
        )
    repeats = [(ONCE, say("campaign_once"))]
    repeats += [(str(n), say("campaign_repeats", days=str(n))) for n in REPEATS]
    reminders = [(str(n), say("campaign_reminds", days=str(n))) for n in REMIND_BEFORE]
    blocks += [
        day_input(START, say("campaign_start"), today),
        day_input(END, say("campaign_end"), None, optional=True),
        choice_input(REPEAT, say("campaign_repeat"), repeats, ONCE),
        choice_input(
            REMIND, say("campaign_remind"), reminders, None, kind="checkboxes", optional=True
        ),
    ]
    return modal(
        FORM_MODAL,
        say("campaign_form_title"),
        blocks,
        submit=say("campaign_to_dry_run"),
        close=say("modal_cancel"),
    )


def dry_run_modal(
    campaign: Campaign,
    run: DryRun,
    shown: Sequence[Block],
    most: int | None,
    mention: Mention,
    say: Say,
    *,
    remark: str | None = None,
) -> Block:
    """Return who a campaign would tell and why not the others, with the message itself.

    Args:
        shown: the message's blocks; its buttons are left out.
        most: people above whom a second person releases it, None for never.
        remark: what has just happened.
    """
    blocks = sections(f"*{escape(remark)}*") if remark else []
    blocks += sections(f"*{escape(campaign.title)}* · {say(f'campaign_is_{campaign.status}')}")
    narrowed = conditions_text(campaign.conditions, say)
    blocks += [context(escape(narrowed))] if narrowed else []
    blocks += sections(counts_text(run, say))
    if run.reached:
        blocks.append(context(_people(run, mention, say)))
    if run.against:
        lines = [
            f"• {say(f'not_told_{reason}')}: {run.against[reason]}"
            for reason in REASONS
            if run.against[reason]
        ]
        blocks += sections("\n".join([f"*{say('campaign_against')}*", *lines]))
    if campaign.status == DRAFT and most is not None and run.reached > most:
        blocks += sections(say("campaign_needs_second", most=str(most)))
    test = button(say("campaign_test"), TEST, campaign.id, about=campaign.title)
    blocks += [
        actions("campaign-test", [test]),
        DIVIDER,
        context(say("campaign_preview")),
        *(block for block in shown if block["type"] != "actions"),
    ]
    return modal(
        DRY_RUN_MODAL,
        say("campaign_dry_run_title"),
        blocks,
        submit=say("campaign_begin") if campaign.status == DRAFT else None,
        close=say("modal_close"),
        metadata=campaign.id,
    )


def counts_text(run: DryRun, say: Say) -> str:
    """Return how many people get it at once and later, in mrkdwn."""
    lines = [f"*{say('campaign_reached', count=str(run.reached))}*"]
    lines.append(say("campaign_at_once", count=str(len(run.now))))
    lines += [
        say(f"campaign_waits_{reason}", count=str(count))
        for reason, count in sorted(run.waits.items())
    ]
    return "\n".join([lines[0], *(f"• {line}" for line in lines[1:])])


def release_card(
    campaign: Campaign, run: DryRun, by: str | None, say: Say
) -> tuple[str, list[Block]]:
    """Return the message that asks HR for a second person.

    Args:
        by: a mention of who made the campaign; None if the file did.
    """
    who = by or say("campaign_by_file")
    values = {"title": campaign.title, "count": str(run.reached)}
    text = say("campaign_release_asked", who=say("campaign_by_colleague"), **values)
    shown = say("campaign_release_asked", who=who, **{**values, "title": escape(campaign.title)})
    if campaign.status != WAITING:
        done = say(f"campaign_is_{campaign.status}")
        return text, sections(f"*{escape(campaign.title)}* · {done}")
    about, name = campaign.title, campaign.id
    look = button(say(SHOW), f"{SHOW}:0", name, about=about)
    release = button(say(RELEASE), f"{RELEASE}:0", name, about=about, style="primary")
    return text, [*sections(shown), actions("campaign-release", [look, release])]


def _buttons(number: int, campaign: Campaign, say: Say) -> Block:
    made = [
        button(
            say(action),
            f"{action}:{number}",
            campaign.id,
            about=campaign.title,
            style={STOP: "danger", RELEASE: "primary"}.get(action),
        )
        for action in (SHOW, *_BUTTONS[campaign.status])
    ]
    return actions(f"campaign-{number}", made)


def _program_input(programs: Iterable[Program], say: Say) -> Block:
    none = option(say("campaign_no_program"), NO_PROGRAM)
    groups: dict[str, list[Block]] = {}
    for program in programs:
        groups.setdefault(program.category, []).append(option(program.name, program.id))
    element: Block = {
        "type": "static_select",
        "action_id": PROGRAM,
        "initial_option": none,
        "option_groups": [
            {"label": plain(say("campaign_message")), "options": [none]},
            *(
                {"label": plain(_capital(category)), "options": options[:100]}
                for category, options in sorted(groups.items())
            ),
        ],
    }
    return {
        "type": "input",
        "block_id": PROGRAM,
        "label": plain(say("campaign_program")),
        "hint": plain(say("campaign_program_hint")),
        "element": element,
    }


def _people(run: DryRun, mention: Mention, say: Say) -> str:
    everybody = (*run.now, *run.later)
    names = [mention(person) for person in everybody[:PEOPLE_AT_MOST]]
    rest = len(everybody) - len(names)
    more = [say("and_more", count=str(rest))] if rest else []
    return ", ".join([*names, *more])


def _capital(text: str) -> str:
    return shortened(text[0].upper() + text[1:], 75)
