"""The catalogue of benefit and development programs: import, search, and what to say about them."""
