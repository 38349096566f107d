"""views.*: modals and the Home tab."""

from __future__ import annotations

from typing import Any

from bot.sandbox.blocks import check_view, with_ids
from bot.sandbox.core import Sandbox
from bot.sandbox.model import RefusedError, View
from bot.sandbox.web_api import Arguments, method

Json = dict[str, Any]


@method("views.open")
def open_view(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Open a modal for the person whose trigger id this is."""
    return _show(sandbox, arguments, on_top=False)


@method("views.push")
def push_view(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Put a modal on top of the open one; three at most."""
    return _show(sandbox, arguments, on_top=True)


@method("views.update")
def update_view(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Change an open view, found by its id or by the external id."""
    content = _content(sandbox, arguments, {"modal", "home"})
    workspace = sandbox.workspace
    if arguments.text("view_id"):
        view = workspace.view(arguments.text("view_id"))
    else:
        view = workspace.view_with_external_id(arguments.required("external_id"))
    if view is None:
        raise RefusedError("not_found")
    _check_hash(view, arguments)
    workspace.replace_view(view, content)
    return {"view": sandbox.envelopes.view(view)}


@method("views.publish")
def publish_view(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Show a Home tab to one person."""
    workspace = sandbox.workspace
    person = workspace.person(arguments.required("user_id", "user_not_found"))
    if not workspace.app.has_home_tab:
        raise RefusedError("not_enabled")
    content = _content(sandbox, arguments, {"home"})
    old = workspace.home(person.id)
    if old is not None:
        _check_hash(old, arguments)
    return {"view": sandbox.envelopes.view(workspace.publish_home(person.id, content))}


def _show(sandbox: Sandbox, arguments: Arguments, *, on_top: bool) -> Json:
    trigger_id = arguments.text("trigger_id") or arguments.text("interactivity_pointer")
    if not trigger_id:
        raise RefusedError("invalid_trigger_id")
    content = _content(sandbox, arguments, {"modal"})
    external_id = content.get("external_id")
    if external_id and sandbox.workspace.view_with_external_id(external_id):
        raise RefusedError("duplicate_external_id")
    user_id = sandbox.workspace.use_trigger(trigger_id)
    view = sandbox.workspace.show_modal(user_id, content, on_top=on_top)
    return {"view": sandbox.envelopes.view(view)}


def _content(sandbox: Sandbox, arguments: Arguments, kinds: set[str]) -> Json:
    """The view argument, checked, with ids on all its blocks and elements."""
    view = arguments.structure("view", "invalid_arguments")
    faults = check_view(view)
    if not faults and view["type"] not in kinds:
        faults = [f"[ERROR] must be of type {' or '.join(sorted(kinds))} [json-pointer:/view/type]"]
    if faults:
        raise RefusedError("invalid_arguments", response_metadata={"messages": faults})
    return {**view, "blocks": with_ids(view["blocks"], lambda: sandbox.workspace.ids.new("")[:5])}


def _check_hash(view: View, arguments: Arguments) -> None:
    if arguments.text("hash") and arguments.text("hash") != view.hash:
        raise RefusedError("hash_conflict")
