"""The made-up team of the sandbox, and what the app may do there according to its manifest."""

from __future__ import annotations

import json
import time
from pathlib import Path

from bot.errors import SettingsError
from bot.sandbox.model import Channel, Person
from bot.sandbox.workspace import AppInstall, Clock, IdSource, Workspace

ROBIN = "U0EMPLOYEE1"
CASEY = "U0EMPLOYEE2"
GUEST = "U0GUEST0001"
SAM = "U0HRSAM0001"
DANA = "U0HRDANA001"
BOT = "U0HRBOT0001"

HR_CHANNEL = "C0HRQUEST01"
HR_SENSITIVE_CHANNEL = "C0HRRELATE1"
GENERAL = "C0GENERAL01"
PARTNERS = "C0PARTNERS1"
ANNOUNCEMENTS = "C0ANNOUNCE1"
ARCHIVED = "C0ARCHIVED1"
HR_USER_GROUP = "S0HRTEAM001"

MANIFEST = Path(__file__).parents[1] / "gateway" / "slack" / "manifest.json"


def make_workspace(
    *,
    manifest: Path | None = MANIFEST,
    clock: Clock = time.time,
    ids: IdSource | None = None,
) -> Workspace:
    """Cedar Valley Health with an employee or two, a guest, and two people in HR.

    Args:
        manifest: the app's manifest; where it is None or missing, everything is allowed.
        clock: gives the time in seconds since 1970.
        ids: where new ids come from.

    Raises:
        SettingsError: the manifest is no JSON.
    """
    domain = "cedarvalley.example"
    people = [
        Person(ROBIN, "robin.reed", "Robin Reed", f"robin.reed@{domain}", "Night-shift nurse"),
        Person(CASEY, "casey.lin", "Casey Lin", f"casey.lin@{domain}", "Pharmacy technician"),
        Person(SAM, "sam.ortiz", "Sam Ortiz", f"sam.ortiz@{domain}", "HR advisor"),
        Person(DANA, "dana.wu", "Dana Wu", f"dana.wu@{domain}", "HR benefits specialist"),
        Person(
            GUEST,
            "alex.moss",
            "Alex Moss",
            "alex.moss@contractor.example",
            "Contractor",
            is_restricted=True,
        ),
        Person(BOT, "hr-assistant", "HR Assistant", "", is_bot=True),
    ]
    staff = [ROBIN, CASEY, SAM, DANA]
    channels = [
        Channel(GENERAL, "general", "channel", [*staff, GUEST, BOT]),
        Channel(HR_CHANNEL, "hr-questions", "group", [SAM, DANA, BOT]),
        Channel(HR_SENSITIVE_CHANNEL, "hr-relations", "group", [DANA, BOT]),
        Channel(PARTNERS, "with-agencies", "channel", [*staff, BOT], is_ext_shared=True),
        Channel(ANNOUNCEMENTS, "announcements", "channel", list(staff)),
        Channel(ARCHIVED, "picnic-2019", "channel", [*staff, BOT], is_archived=True),
    ]
    workspace = Workspace(
        people={person.id: person for person in people},
        channels={channel.id: channel for channel in channels},
        user_groups={HR_USER_GROUP: [SAM, DANA]},
        app=read_manifest(manifest),
        clock=clock,
        ids=ids or IdSource(),
    )
    workspace.dm(ROBIN)
    return workspace


def read_manifest(path: Path | None) -> AppInstall:
    """What the app may do, from its manifest; everything where there is none.

    Raises:
        SettingsError: the manifest is no JSON.
    """
    if path is None or not path.exists():
        return AppInstall(bot_user_id=BOT)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsError(f"The Slack manifest {path} is not valid JSON: {error}.") from error
    features = manifest.get("features", {})
    subscriptions = manifest.get("settings", {}).get("event_subscriptions", {})
    return AppInstall(
        bot_user_id=BOT,
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        events=frozenset(subscriptions.get("bot_events", [])),
        commands=frozenset(command["command"] for command in features.get("slash_commands", [])),
        shortcuts={
            shortcut["callback_id"]: shortcut["name"] for shortcut in features.get("shortcuts", [])
        },
        has_assistant="assistant_view" in features,
        has_home_tab=bool(features.get("app_home", {}).get("home_tab_enabled", False)),
    )
