"""The careers page: what candidates' browsers send (routes, intake) and are shown (events)."""
