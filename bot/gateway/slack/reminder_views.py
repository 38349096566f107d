"""How somebody's reminders look in their Home tab."""

from __future__ import annotations

from collections.abc import Sequence

from bot.db.reminders import ProgramReminder
from bot.desk.mrkdwn import escape
from bot.desk.views import Block, Say, button
from bot.programs.reminders import OPENS, Day
from bot.programs.terms import day_text

CANCEL = "remind_cancel"


def reminder_blocks(waiting: Sequence[tuple[ProgramReminder, Day]], say: Say) -> list[Block]:
    """Return what the Home tab shows of somebody's reminders, each with a way to cancel it."""
    return [
        {
            "type": "section",
            "block_id": f"reminder-{reminder.id}",
            "text": {
                "type": "mrkdwn",
                "text": escape(say("remind_line", day=day_text(day.day), **words_of(day, say))),
            },
            "accessory": button(
                say("remind_cancel"), f"{CANCEL}:{reminder.id}", str(reminder.id), about=day.name
            ),
        }
        for reminder, day in waiting
    ]


def words_of(day: Day, say: Say) -> dict[str, str]:
    """Return what a text about a day fills in, apart from the day itself."""
    what = say("remind_opens" if day.stage == OPENS else "remind_closes")
    return {"program": day.name, "window": day.window, "what": what}
