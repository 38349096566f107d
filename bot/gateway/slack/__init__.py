"""Slack: what comes in (listeners) and what goes out (messages, delivery)."""
