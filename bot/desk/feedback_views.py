"""“Tell HR something”: the button that opens the form, and the form."""

from __future__ import annotations

from bot.desk.views import Block, Say, actions, button, modal, option, plain, text_input

TELL_HR, TELL_HR_MODAL = "tell_hr", "tell_hr_form"
TEXT, NAME = "text", "name"
NAMED, ANONYMOUS = "named", "anonymous"
LONGEST = 3000


def tell_hr_button(say: Say) -> Block:
    """Return the button."""
    return actions(TELL_HR, [button(say("tell_hr_button"), TELL_HR, TELL_HR)])


def tell_hr_form(say: Say) -> Block:
    """Return the form: what to tell, and whether with one's name."""
    choices = [option(say("tell_hr_named"), NAMED), option(say("tell_hr_anonymous"), ANONYMOUS)]
    return modal(
        TELL_HR_MODAL,
        say("tell_hr_title"),
        [
            text_input(
                TEXT, say("tell_hr_text"), TEXT, hint=say("tell_hr_hint"), max_length=LONGEST
            ),
            {
                "type": "input",
                "block_id": NAME,
                "label": plain(say("tell_hr_name")),
                "element": {
                    "type": "radio_buttons",
                    "action_id": NAME,
                    "options": choices,
                    "initial_option": choices[0],
                },
            },
        ],
        submit=say("tell_hr_send"),
        close=say("modal_cancel"),
    )
