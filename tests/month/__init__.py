"""A month of the whole product in fast forward, under a clock that is turned by hand.

Slack is the local double, the assistant is the trained one; everything between them is real
signed HTTP. `python -m tests.month` lives the whole month and prints what came of it.
"""
