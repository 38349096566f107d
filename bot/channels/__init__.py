"""The Rasa channel that the gateway calls."""
