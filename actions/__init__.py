"""The action server: thin actions that Rasa calls; they ask bot.programs and bot.desk."""
