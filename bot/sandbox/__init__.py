"""A local Slack double over HTTP and a page to try everything; never for production."""
