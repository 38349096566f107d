from bot.nlu.decision import Candidate, Decision, Label
from bot.nlu.parse_data import parse_data_for, parse_data_from

DENTAL, VISION = Label.named("benefits/dental"), Label.named("benefits/vision")
GREET = Label.named("greet")


def test_a_chosen_topic_is_a_retrieval_intent_beyond_doubt():
    data = parse_data_for("benefits/dental", text="Dental coverage")
    assert data["text"] == "Dental coverage"
    assert data["intent"] == {"name": "benefits", "confidence": 1.0}
    chosen = data["response_selector"]["benefits"]["response"]
    assert chosen["utter_action"] == "utter_benefits/dental"
    assert chosen["intent_response_key"] == "benefits/dental"
    assert chosen["confidence"] == 1.0
    assert data["response_selector"]["default"] == data["response_selector"]["benefits"]
    assert data["response_selector"]["all_retrieval_intents"] == ["benefits"]
    assert data["decision"]["topic"] == "benefits/dental"
    assert data["entities"] == []


def test_a_chosen_intent_selects_no_response():
    data = parse_data_for("talk_to_person")
    assert data["intent"]["name"] == "talk_to_person"
    assert data["response_selector"] == {"all_retrieval_intents": []}
    assert data["decision"]["topic"] == "employment/contact_hr"


def test_an_understood_message_has_the_same_shape_as_a_chosen_one():
    ranking = (Candidate(DENTAL, 0.8, 9.0), Candidate(VISION, 0.1, 3.0), Candidate(GREET, 0.0, 1.0))
    understood = parse_data_from(Decision.answering(DENTAL, 0.8), ranking=ranking)
    chosen = parse_data_for("benefits/dental")
    assert understood.keys() == chosen.keys() - {"text"}
    assert understood["response_selector"].keys() == chosen["response_selector"].keys()
    assert understood["decision"].keys() == chosen["decision"].keys()


def test_topics_of_one_category_are_joined_in_the_intent_ranking():
    ranking = (Candidate(DENTAL, 0.8, 9.0), Candidate(VISION, 0.1, 3.0), Candidate(GREET, 0.0, 1.0))
    data = parse_data_from(Decision.answering(DENTAL, 0.8), ranking=ranking)
    assert [one["name"] for one in data["intent_ranking"]] == ["benefits", "greet"]
    keys = [one["intent_response_key"] for one in data["response_selector"]["default"]["ranking"]]
    assert keys == ["benefits/dental", "benefits/vision"]


def test_clarifying_selects_no_response_but_names_the_categories():
    data = parse_data_from(Decision("clarify", "faq", 0.4), retrieval_intents=["pay", "benefits"])
    assert data["intent"]["name"] == "clarify"
    assert data["response_selector"] == {"all_retrieval_intents": ["benefits", "pay"]}


def test_rankings_are_as_short_as_rasas_own():
    ranking = [
        Candidate(Label.named(f"category-{n}/topic"), 1.0 - n / 100, 50.0 - n) for n in range(50)
    ]
    decision = Decision.answering(ranking[0].label, 1.0)
    data = parse_data_from(decision, ranking=ranking)
    assert len(data["intent_ranking"]) == 10
    assert len(data["response_selector"]["default"]["ranking"]) == 10
