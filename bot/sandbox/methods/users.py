"""users.* and usergroups.users.list: who people are."""

from __future__ import annotations

from typing import Any

from bot.sandbox.core import Sandbox
from bot.sandbox.model import RefusedError
from bot.sandbox.paging import next_page, page_of
from bot.sandbox.web_api import Arguments, method

Json = dict[str, Any]


@method("users.info", "users:read")
def info(sandbox: Sandbox, arguments: Arguments) -> Json:
    """One person; the e-mail only with `users:read.email`."""
    workspace = sandbox.workspace
    person = workspace.person(arguments.required("user", "user_not_found"))
    with_email = workspace.has_scope("users:read.email")
    return {"user": person.to_slack(workspace.team_id, with_email=with_email)}


@method("users.list", "users:read")
def list_users(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Everybody, page by page; those who have left too, as Slack does."""
    workspace = sandbox.workspace
    with_email = workspace.has_scope("users:read.email")
    page, cursor = page_of(list(workspace.people.values()), arguments)
    members = [person.to_slack(workspace.team_id, with_email=with_email) for person in page]
    return {"members": members, **next_page(cursor)}


@method("users.lookupByEmail", "users:read.email")
def lookup_by_email(sandbox: Sandbox, arguments: Arguments) -> Json:
    """The person with this e-mail address."""
    workspace = sandbox.workspace
    email = arguments.required("email", "users_not_found").lower()
    for person in workspace.people.values():
        if person.email.lower() == email and not person.deleted:
            return {"user": person.to_slack(workspace.team_id, with_email=True)}
    raise RefusedError("users_not_found")


@method("usergroups.users.list", "usergroups:read")
def usergroup_users(sandbox: Sandbox, arguments: Arguments) -> Json:
    """The members of a user group."""
    group = arguments.required("usergroup", "no_such_subteam")
    if group not in sandbox.workspace.user_groups:
        raise RefusedError("no_such_subteam")
    return {"users": list(sandbox.workspace.user_groups[group])}
