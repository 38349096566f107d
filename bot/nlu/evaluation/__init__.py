"""Measures understanding on questions whose topics are known; free of Rasa, and of the dialogue.

`questions` reads them, `judging` says what became of each, `report` counts, `calibration` asks how
far the confidence can be trusted and chooses thresholds, `plots` draws.
"""
