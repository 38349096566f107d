"""The answer book: what a topic says, to whom; and the lint of its data."""
