"""HR's report page: sign-in with Slack, tables, charts and downloads."""
