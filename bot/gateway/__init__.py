"""The gateway: the only public process. It imports neither Rasa nor a model."""
