"""Serves what browsers load: the widget itself and the page that shows how to embed it."""

from __future__ import annotations

import gzip
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.gateway.widget.bundle import bundle

STATIC = Path(__file__).parent / "static"
SCRIPT = "hr-assistant.js"
PAGE = "careers.html"
_ASSETS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# The widget's address stays the same, so browsers ask after an hour whether it has changed.
_CACHE = "public, max-age=3600, stale-while-revalidate=604800"


def policy(framers: Collection[str]) -> str:
    """Return the Content-Security-Policy of the page.

    Args:
        framers: origins that may show the page in a frame.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {' '.join(framers) or chr(39) + 'none' + chr(39)}"
    )


class Pages:
    """The static files in `folder`: the widget's modules, `careers.html` and its assets."""

    def __init__(self, framers: Collection[str], folder: Path = STATIC) -> None:
        self._folder = folder
        self._script = bundle(folder, SCRIPT).encode()
        self._script_zipped = gzip.compress(self._script, mtime=0)
        self._script_tag = f'W/"{sha256(self._script).hexdigest()[:32]}"'
        self._headers = {
            "Content-Security-Policy": policy(framers),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-cache",
        }

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the page and its assets."""
        return [
            Route("/careers", self.careers, methods=["GET"]),
            Route("/careers/{name}", self.asset, methods=["GET"]),
        ]

    async def careers(self, request: Request) -> Response:
        """Show the page."""
        return self._file(request, self._folder / PAGE, "text/html", self._headers)

    async def asset(self, request: Request) -> Response:
        """Give a file of the page: a style, a script, a picture."""
        name = request.path_params["name"]
        suffix = Path(name).suffix
        known = {path.name for path in (self._folder / "careers").glob("*")}
        if suffix not in _ASSETS or name not in known:
            return PlainTextResponse("Not found", 404)
        return self._file(request, self._folder / "careers" / name, _ASSETS[suffix], self._headers)

    async def script(self, request: Request) -> Response:
        """Give the widget to any page; what it may do there is checked later."""
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": _CACHE,
            "ETag": self._script_tag,
            "Vary": "Accept-Encoding",
        }
        if self._script_tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self._script, headers=headers, media_type="text/javascript")
        headers["Content-Encoding"] = "gzip"
        return Response(self._script_zipped, headers=headers, media_type="text/javascript")

    def _file(self, request: Request, path: Path, media: str, headers: dict[str, str]) -> Response:
        if not path.is_file():
            return PlainTextResponse("Not found", 404)
        response = FileResponse(path, headers=headers, media_type=media, stat_result=path.stat())
        # A proxy that compresses marks the tag as weak.
        known = request.headers.get("if-none-match", "").removeprefix("W/")
        if known == response.headers["etag"]:
            return Response(status_code=304, headers={**headers, "ETag": known})
        return response
