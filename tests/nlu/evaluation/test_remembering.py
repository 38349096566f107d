import numpy as np

from bot.nlu.evaluation.remembering import RememberingEncoder


def test_remembered_vectors_are_the_encoders(encoder):
    remembering = RememberingEncoder(encoder)
    texts = ["payday", "dental", "payday"]
    for _ in range(2):
        assert np.array_equal(remembering.encode_all(texts), encoder.encode_all(texts))
    assert np.array_equal(remembering.encode_layers("new"), encoder.encode_layers("new"))


def test_words_are_the_encoders(encoder):
    assert RememberingEncoder(encoder).known_words() == encoder.known_words()
