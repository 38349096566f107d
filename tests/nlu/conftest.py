from pathlib import Path

import pytest

from bot.nlu.decision import Label
from bot.nlu.encoder import SentenceEncoder
from bot.nlu.selector import TopicSelector
from bot.nlu.weights import ensure_weights


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    """The project's own folder: building takes seconds, and is tested on its own."""
    return ensure_weights().model.parent


@pytest.fixture(scope="session")
def encoder(weights_folder) -> SentenceEncoder:
    files = ensure_weights(weights_folder)
    return SentenceEncoder(files.model, files.tokenizer)


TOPICS = {
    "benefits/dental": """
        dental
        is dental part of the medical plan
        my kid needs braces, does our plan pay anything
        how much is a crown with our dental insurance
        do they cover teeth cleaning twice a year
        dentist coverage
        root canal, is that covered
        what does the dental plan cost me per check
    """,
    "pay/payday": """
        when do we get paid
        payday
        what day is my paycheck coming
        is it every two weeks or twice a month
        when does the money hit my account
        next payday please
        last day to turn in hours for this check
        is payday early when there's a holiday
    """,
    "policies/dress_code": """
        dress code
        can i wear a nose ring on the unit
        what color scrubs do nurses wear
        are tattoos ok or do i cover them
        can we wear jeans on friday
        do i have to wear my badge above the waist
        fake nails allowed?
        hair rules for cna
    """,
    "relations/harassment": """
        how do i report sexual harassment
        a coworker keeps touching me
        my boss makes comments about my body
        he keeps asking me out after i said no
        dirty jokes in the break room, what can i do
        i'm being harassed
        harassment
        what happens after i report somebody for harassment
    """,
    "careers/how_to_apply": """
        how do i apply
        where do i send my application
        can i apply for two jobs at once
        apply for a nursing job
        i want to work for you, what are the steps
        can i apply again after a rejection
        application deadline for the posting
        job application online or paper
    """,
}
OTHERS = {
    "greet": """
        hi
        hello
        hey there
        good morning
        good evening
        howdy
        hiya
        hello hr
    """,
    "talk_to_person": """
        talk to a person
        i want a human
        can someone from hr call me
        real person please
        connect me with hr
        let me speak to somebody
        agent
        live person
    """,
    "crisis_danger": """
        there is a man with a gun
        someone is hurting me
        i am in danger right now
        my husband beats me
        he is threatening to kill me
        somebody has a knife
        fire on the unit
        i need help, he is going to hurt me
    """,
    "out_of_scope": """
        what is the weather tomorrow
        tell me a joke
        who won the game
        recipe for banana bread
        reset my epic password
        where can i park
        the printer is jammed
        should i buy stocks
    """,
}
PUBLIC = {"careers/how_to_apply": "candidate"}


def phrasings(block: str) -> list[str]:
    return [line.strip() for line in block.strip().splitlines()]


@pytest.fixture(scope="session")
def examples() -> list[tuple[str, str]]:
    blocks = {**TOPICS, **OTHERS}
    return [(text, name) for name, block in blocks.items() for text in phrasings(block)]


@pytest.fixture(scope="session")
def labels() -> list[Label]:
    topics = [
        Label.named(name, audience=PUBLIC.get(name, "employee"), title=name.split("/")[1])
        for name in TOPICS
    ]
    return [*topics, *(Label.named(name) for name in OTHERS)]


@pytest.fixture(scope="session")
def selector(examples, labels, encoder) -> TopicSelector:
    return TopicSelector.fit(examples, labels, encoder)
