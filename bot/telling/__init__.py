"""Telling people of what there is for them: campaigns and life moments, gently and on record."""
