import numpy as np
import pytest

from bot.nlu.encoder import DIMENSIONS


@pytest.mark.parametrize("text", ["dental?", "", "word " * 500, "naïve café 🙂"])
def test_a_vector_has_length_one(encoder, text):
    vector = encoder.encode(text)
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-5)


def test_the_layer_below_comes_beside_it(encoder):
    own, below = encoder.encode_layers("when is payday")
    assert (own == encoder.encode("when is payday")).all()
    assert np.linalg.norm(below) == pytest.approx(1.0, abs=1e-5)
    assert own @ below < 0.9


def test_many_texts_have_the_vectors_of_each(encoder):
    texts = ["when is payday", "dental?", "", "a longer text about something else"]
    together = encoder.encode_all(texts)
    assert (together == np.stack([encoder.encode_layers(text) for text in texts])).all()


def test_like_texts_are_nearer_than_unlike_ones(encoder):
    asked = encoder.encode("when do i get my paycheck")
    same = asked @ encoder.encode("what day are wages paid")
    other = asked @ encoder.encode("can i wear a nose ring at work")
    assert same > other + 0.3


def test_values_agree_with_the_published_model(encoder):
    """Cosine similarities that all-MiniLM-L6-v2 gives for the example on its model page.

    Published for float32: 0.6945 and 0.9429; int8 stays within a few hundredths.
    """
    source = encoder.encode("That is a happy person")
    assert source @ encoder.encode("That is a happy dog") == pytest.approx(0.6945, abs=0.05)
    assert source @ encoder.encode("That is a very happy person") == pytest.approx(0.9429, abs=0.05)


def test_a_text_has_the_same_vector_every_time(encoder):
    first = encoder.encode("shift differential")
    encoder.encode("a longer text between the two, which must not matter")
    assert (encoder.encode("shift differential") == first).all()


def test_only_the_first_128_tokens_count(encoder):
    long = "nurse " * 200
    assert (encoder.encode(long) == encoder.encode(long + "dentist")).all()


def test_known_words_are_whole_english_words(encoder):
    known = encoder.known_words()
    assert {"dentist", "parking", "weather"} <= known
    assert "dentl" not in known
