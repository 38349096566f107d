"""What people's questions tell HR: figures, themes and lists, without telling on anybody."""
