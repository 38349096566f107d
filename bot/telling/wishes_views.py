"""The part of the Home tab in which somebody says what they want to be told unasked."""

from __future__ import annotations

from collections.abc import Collection

from bot.desk.views import Block, Say, actions, button, header, option, plain, sections
from bot.programs.catalogue_file import CATEGORIES

CATEGORY_BOX, STOP, BEGIN, SHOW_AGAIN = (
    "wishes_categories",
    "wishes_stop",
    "wishes_begin",
    "wishes_show_again",
)


def wishes_blocks(
    *, stopped: bool, categories_off: Collection[str], set_aside: int, a_week: int, say: Say
) -> list[Block]:
    """Return what somebody wants to be told, and how they change it.

    Args:
        set_aside: how many things they have called not for them.
        a_week: messages that they get a week at most.
    """
    title = header(say("wishes_title"))
    if stopped:
        again = button(say(BEGIN), BEGIN, "begin")
        return [title, *sections(say("wishes_stopped")), actions("wishes", [again])]
    options = {name: option(say(f"category_{name}"), name) for name in CATEGORIES}
    chosen = [options[name] for name in CATEGORIES if name not in categories_off]
    boxes: Block = {
        "type": "checkboxes",
        "action_id": CATEGORY_BOX,
        "options": list(options.values()),
        **({"initial_options": chosen} if chosen else {}),
    }
    about: Block = {
        "type": "section",
        "block_id": "wishes-about",
        "text": plain(say(CATEGORY_BOX)),
        "accessory": boxes,
    }
    stop = actions("wishes", [button(say(STOP), STOP, "stop")])
    blocks = [title, *sections(say("wishes_intro", count=str(a_week))), about, stop]
    if set_aside:
        again = button(say(SHOW_AGAIN), SHOW_AGAIN, "again")
        blocks += sections(say("wishes_set_aside", count=str(set_aside)))
        blocks.append(actions("wishes-again", [again]))
    return blocks
