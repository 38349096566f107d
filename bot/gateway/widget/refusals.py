"""What the widget's routes refuse, each with a code for the page and a sentence for the person."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818
    """A request that isn't taken.

    Args:
        status: the HTTP status.
        code: the error's code; `widget_<code>` of data/wording.yml says it to the person.
        retry_after: seconds after which trying again makes sense.
        hangs_up: the rest of the request isn't read.
    """

    def __init__(
        self, status: int, code: str, retry_after: int | None = None, *, hangs_up: bool = False
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.hangs_up = hangs_up


REFUSALS: dict[str, int] = {
    "bad_request": 400,
    "choice_unknown": 400,
    "email_invalid": 400,
    "consent_missing": 400,
    "form_unknown": 400,
    "session_invalid": 401,
    "session_expired": 401,
    "origin_not_allowed": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_slow": 408,
    "link_expired": 410,
    "too_long": 413,
    "not_json": 415,
    "too_many": 429,
    "too_many_cases": 429,
    "failed": 500,
    "unavailable": 503,
}


def refusal(code: str, retry_after: int | None = None, *, hangs_up: bool = False) -> Refusal:
    """Return the refusal with this code."""
    return Refusal(REFUSALS[code], code, retry_after, hangs_up=hangs_up)
