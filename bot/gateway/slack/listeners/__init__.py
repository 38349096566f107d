"""One module a Slack feature; each registers its listeners on the Bolt app."""
