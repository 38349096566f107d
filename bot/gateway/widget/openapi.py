"""The widget's interface as an OpenAPI document; the routes check bodies by the same schemas."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from bot.gateway.inbox import MAX_TEXT

Json = dict[str, Any]

_CLIENT_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"}
_TOKEN = {"type": "string", "minLength": 1, "maxLength": 200}
_EVENT = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def _object(required: list[str], **properties: Json) -> Json:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


SCHEMAS: dict[str, Json] = {
    "NewSession": _object([]),
    "Message": {
        "oneOf": [
            _object(
                ["id", "text"],
                id=_CLIENT_ID,
                text={"type": "string", "pattern": r"\S"},
            ),
            _object(["id", "choice"], id=_CLIENT_ID, choice=_TOKEN),
        ]
    },
    "Contact": _object(
        ["id", "form", "email", "consent"],
        id=_CLIENT_ID,
        form=_TOKEN,
        email={"type": "string", "maxLength": 320},
        name={"type": "string", "maxLength": 80},
        consent={"type": "boolean"},
    ),
    "Feedback": _object(
        ["id", "event", "helped"], id=_CLIENT_ID, event=_EVENT, helped={"type": "boolean"}
    ),
    "Resume": _object(["link"], link=_TOKEN),
}
CHECKS = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}


def _answer(text: str, schema: Json | None = None, media: str = "application/json") -> Json:
    return {"description": text, **({"content": {media: {"schema": schema}}} if schema else {})}


_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_SESSION = {
    "type": "object",
    "required": ["token", "expires_at"],
    "properties": {
        "token": {"type": "string"},
        "expires_at": {"type": "string", "format": "date-time"},
    },
}
_TAKEN = {
    "type": "object",
    "required": ["id", "event"],
    "properties": {"id": {"type": "string"}, "event": {"type": "integer"}},
}
_ERRORS = {
    str(status): _answer(text, {"$ref": "#/components/schemas/Error"})
    for status, text in {
        400: "It isn't what is asked for.",
        403: "The page's origin may not use the widget.",
        408: "The body took too long to come.",
        413: "It is too long.",
        415: "The body isn't application/json.",
        429: "Too many; Retry-After says when.",
        500: "A mistake of ours.",
        503: "Not now; Retry-After says when.",
    }.items()
}
_UNKNOWN = {
    "401": _answer("The session is forged or has ended.", {"$ref": "#/components/schemas/Error"})
}


def _post(summary: str, schema: str, answers: Json, *, with_session: bool = True) -> Json:
    body = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {
        "summary": summary,
        "security": [{"session": []}] if with_session else [],
        "requestBody": {"required": True, "content": body},
        "responses": {**answers, **_ERRORS, **(_UNKNOWN if with_session else {})},
    }


def document() -> Json:
    """Return the OpenAPI document."""
    taken = {"202": _answer("Taken, or taken before.", {"$ref": "#/components/schemas/Taken"})}
    session = {"$ref": "#/components/schemas/Session"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "HR Assistant: the widget", "version": "1"},
        "paths": {
            "/widget/sessions": {
                "post": _post(
                    "Begin a conversation.",
                    "NewSession",
                    {"201": _answer("A session.", session)},
                    with_session=False,
                )
            },
            "/widget/messages": {"post": _post("Say something.", "Message", taken)},
            "/widget/events": {"get": _events()},
            "/widget/contact": {
                "post": _post("Leave an e-mail address and send the question.", "Contact", taken)
            },
            "/widget/feedback": {"post": _post("Say whether an answer helped.", "Feedback", taken)},
            "/widget/conversation": {
                "delete": {
                    "summary": "Delete the conversation.",
                    "security": [{"session": []}],
                    "responses": {"204": _answer("Deleted."), **_UNKNOWN, **_ERRORS},
                }
            },
            "/widget/resume": {
                "post": _post(
                    "Get a session with a link.",
                    "Resume",
                    {
                        "200": _answer("A session.", session),
                        "410": _answer(
                            "The link has expired.", {"$ref": "#/components/schemas/Error"}
                        ),
                    },
                    with_session=False,
                )
            },
        },
        "components": {
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
            "schemas": {**SCHEMAS, "Error": _ERROR, "Session": _SESSION, "Taken": _TAKEN},
        },
    }


def _events() -> Json:
    number = {"type": "integer", "minimum": 0}
    return {
        "summary": "All events after one, then live.",
        "security": [{"session": []}],
        "parameters": [
            {"name": "Last-Event-ID", "in": "header", "schema": number},
            {"name": "after", "in": "query", "schema": number},
        ],
        "responses": {
            "200": _answer("The stream.", {"type": "string"}, "text/event-stream"),
            **_UNKNOWN,
            **_ERRORS,
        },
    }


def is_too_long(text: str) -> bool:
    """Say whether a message is longer than what is read of one."""
    return len(text) > MAX_TEXT
