"""What keeps people's data where it belongs: sealing, redaction, the audience wall."""
