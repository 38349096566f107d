"""The Web API methods of the sandbox, one module a family; importing this registers them all."""

from bot.sandbox.methods import assistant, auth, chat, conversations, users, views

__all__ = ["assistant", "auth", "chat", "conversations", "users", "views"]
