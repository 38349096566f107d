"""A sandbox that runs in a thread of its own, for tests; `make run` uses __main__.py instead."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import uvicorn

from bot.sandbox.asgi import create_app
from bot.sandbox.core import (
    DEFAULT_APP_TOKEN,
    DEFAULT_BOT_TOKEN,
    DEFAULT_REQUEST_URL,
    DEFAULT_SIGNING_SECRET,
    Sandbox,
)
from bot.sandbox.delivery import SLACK_TIMEOUT_S, Reply
from bot.sandbox.faults import Faults
from bot.sandbox.interactions import Interactions, Submission
from bot.sandbox.model import ApiCall, Message, View
from bot.sandbox.seed import MANIFEST, ROBIN, make_workspace
from bot.sandbox.workspace import Workspace

Value = TypeVar("Value")
CALL_TIMEOUT_S = 30.0

__all__ = ["SandboxServer", "WebServer", "create_app"]


class WebServer(uvicorn.Server):
    """Uvicorn with a sandbox behind it, which it asks to end its streams when it stops.

    Args:
        sandbox: what to serve.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        # uvicorn's own choice for WebSockets fails with the old `websockets` that Rasa pins.
        super().__init__(
            uvicorn.Config(
                create_app(sandbox),
                ws="wsproto",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
            )
        )
        self._sandbox = sandbox

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End streams and hanging calls, then stop."""
        self._sandbox.close_long_answers()
        await super().shutdown(sockets)


class SandboxServer:
    """A sandbox over real HTTP on a free port; `with SandboxServer(...) as slack:`.

    Args:
        request_url: where the app under test listens; can be set later.
        signing_secret: signs what goes to the app.
        bot_token: what the Web API accepts.
        app_token: what apps.connections.open accepts.
        manifest: the app's manifest; None allows every scope, event and command.
        workspace: instead of the made-up team; `manifest` then has no effect.
        timeout: seconds the app has to answer.
        retry_delays: seconds before each redelivery; none of waiting by default.
        port: 0 for a free one.
    """

    def __init__(
        self,
        request_url: str = DEFAULT_REQUEST_URL,
        *,
        signing_secret: str = DEFAULT_SIGNING_SECRET,
        bot_token: str = DEFAULT_BOT_TOKEN,
        app_token: str = DEFAULT_APP_TOKEN,
        manifest: Path | None = MANIFEST,
        workspace: Workspace | None = None,
        timeout: float = SLACK_TIMEOUT_S,
        retry_delays: Sequence[float] = (0.0, 0.0, 0.0),
        port: int = 0,
    ) -> None:
        self.workspace = workspace or make_workspace(manifest=manifest)
        self.sandbox = Sandbox(
            self.workspace,
            request_url=request_url,
            signing_secret=signing_secret,
            bot_token=bot_token,
            app_token=app_token,
            timeout=timeout,
            retry_delays=retry_delays,
        )
        self.signing_secret = signing_secret
        self.bot_token = bot_token
        self.app_token = app_token
        self._do = Interactions(self.sandbox)
        self._port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: WebServer | None = None
        self._thread: threading.Thread | None = None

    # Life

    def start(self) -> SandboxServer:
        """Bind, start the thread, and return once it serves."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        listener.listen(128)
        self.sandbox.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = WebServer(self.sandbox)
        is_running = threading.Event()

        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._loop.call_soon(is_running.set)
            await self._server.serve(sockets=[listener])

        self._thread = threading.Thread(
            target=lambda: asyncio.run(serve()), name="sandbox", daemon=True
        )
        self._thread.start()
        is_running.wait(CALL_TIMEOUT_S)
        return self

    def stop(self) -> None:
        """Stop serving, hanging calls included."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(CALL_TIMEOUT_S)
        self._server = self._thread = None

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where the sandbox is reached, without a slash at the end."""
        return self.sandbox.base_url

    @property
    def api_url(self) -> str:
        """What goes into SLACK_API_URL; ends in `/api/`."""
        return f"{self.base_url}/api/"

    @property
    def request_url(self) -> str:
        """Where the app listens."""
        return self.sandbox.delivery.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self.sandbox.delivery.request_url = url

    @property
    def faults(self) -> Faults:
        """What is to go wrong next."""
        return self.sandbox.faults

    # What people do

    def say(
        self,
        text: str,
        *,
        user: str = ROBIN,
        channel: str | None = None,
        thread_ts: str | None = None,
        files: Sequence[str] = (),
    ) -> Message:
        """Write as a person; without a channel, to the bot's DM. See `Interactions.say`."""
        return self._call(lambda: self._do.say(user, text, channel, thread_ts, files))

    def deliver_again(self, message: Message) -> None:
        """Deliver the events of a message once more, as Slack does when in doubt."""
        sandbox, channel = self.sandbox, self.workspace.channel(message.channel)
        self._call(lambda: sandbox.delivery.publish(sandbox.envelopes.posted(message, channel)))

    def edit(self, message: Message, text: str) -> Message:
        """Let the author edit a message."""
        return self._call(lambda: self._do.edit(message.user, message.channel, message.ts, text))

    def delete(self, message: Message) -> None:
        """Let the author delete a message."""
        self._call(lambda: self._do.delete(message.user, message.channel, message.ts))

    def click(
        self,
        text: str | None = None,
        *,
        user: str = ROBIN,
        action_id: str | None = None,
        value: str | None = None,
        channel: str | None = None,
        ts: str | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Click the newest fitting button that this person sees. See `Interactions.click`."""
        return self._wait(
            self._do.click(
                user,
                text=text,
                action_id=action_id,
                value=value,
                channel_id=channel,
                ts=ts,
                state=state,
            )
        )

    def submit(self, values: Mapping[str, Any] | None = None, *, user: str = ROBIN) -> Submission:
        """Submit the open modal; `values` by action id or block id."""
        return self._wait(self._do.submit(user, values))

    def close(self, *, user: str = ROBIN) -> Reply | None:
        """Close the open modal."""
        return self._wait(self._do.close(user))

    def command(
        self, command: str, text: str = "", *, user: str = ROBIN, channel: str | None = None
    ) -> Reply:
        """Run a slash command."""
        return self._wait(self._do.command(user, command, text, channel))

    def shortcut(
        self,
        callback_id: str,
        *,
        user: str = ROBIN,
        channel: str | None = None,
        ts: str | None = None,
    ) -> Reply:
        """Use a shortcut; with a channel and ts, one on that message."""
        return self._wait(self._do.shortcut(user, callback_id, channel, ts))

    def open_home(self, *, user: str = ROBIN) -> None:
        """Open the app's Home tab."""
        self._call(lambda: self._do.open_home(user))

    def open_assistant(self, *, user: str = ROBIN) -> Message:
        """Open a new thread in the Assistant pane; returns the hidden message it hangs on."""
        return self._call(lambda: self._do.open_assistant(user))

    # What there is to see

    def dm(self, user: str = ROBIN) -> str:
        """The id of this person's DM with the bot."""
        return self.workspace.dm(user).id

    def messages(self, channel: str | None = None, *, user: str = ROBIN) -> list[Message]:
        """A channel (None: the DM) as this person sees it, oldest first."""
        return self.workspace.seen_by(user, channel or self.dm(user))

    def open_view(self, *, user: str = ROBIN) -> View | None:
        """The modal this person has in front of them."""
        return self.workspace.open_view(user)

    def calls(self, method: str | None = None) -> list[ApiCall]:
        """The Web API calls made so far, oldest first."""
        return [call for call in list(self.workspace.calls) if method in (None, call.method)]

    def wait_for(self, predicate: Callable[[Workspace], Value], timeout: float = 5.0) -> Value:
        """Wait until something is so in the workspace; returns the predicate's value.

        Raises:
            TimeoutError: it was not so within `timeout` seconds.
        """
        return self.workspace.wait_for(predicate, timeout)

    def wait_for_message(
        self,
        text: str,
        *,
        channel: str | None = None,
        user: str = ROBIN,
        timeout: float = 5.0,
    ) -> Message:
        """Wait until the app has posted a message that contains `text`; returns the newest.

        Raises:
            TimeoutError: there is none within `timeout` seconds.
        """
        place = channel or self.dm(user)

        def newest(workspace: Workspace) -> Message | None:
            seen = workspace.seen_by(user, place)
            found = [m for m in seen if m.is_from_bot and text in f"{m.text} {m.blocks}"]
            return found[-1] if found else None

        found = self.wait_for(newest, timeout)
        assert found is not None
        return found

    def refresh_sockets(self) -> None:
        """Make the app open a new socket, as Slack does now and then."""
        self._wait(self.sandbox.hub.refresh())

    def release_held_events(self) -> None:
        """Deliver what `reorder_events` still holds back."""
        self._call(self.sandbox.delivery.release)

    # The thread

    def _call(self, work: Callable[[], Value]) -> Value:
        async def run() -> Value:
            return work()

        return self._wait(run())

    def _wait(self, work: Coroutine[Any, Any, Value]) -> Value:
        if self._loop is None:
            work.close()
            raise RuntimeError("The sandbox is not started; call start() or use `with`.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_TIMEOUT_S)
