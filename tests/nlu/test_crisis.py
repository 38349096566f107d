import re
from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.nlu.crisis import CrisisPhrases, detect

SELF_HARM = """
there is no will to live left in me
i have been hoarding my meds since march
after this shift nobody needs to deal with me again
I want to die
i wanna die
I'm going to kill myself
thinking about killing my self tonight
i dont want to be alive anymore
I don't want to live anymore and nobody at work would notice
been having suicidal thoughts since the layoffs
suicidal
im sucidal and i dont know who to call
I keep thinking about ending it all
i want to end my life
Everyone would be better off without me
they'd all be better off if i was dead
there's no reason to go on living
I can't go on anymore
life isn't worth living
I wish I was never born
i hope i dont wake up tomorrow
I took a whole bottle of my pills
i just swallowed all my ambien
I've started cutting myself again
i want to hurt myself
I have urges to harm myself after shifts
thinking of jumping off the parking garage
going to drive off a bridge after work
my coworker told me she wants to kill herself
my roommate just texted that he's going to end his life
kms honestly
this shift is killing me and i want to die
I wrote a goodbye note to my kids
i feel like i have nothing to live for
I would rather not exist. I want to not wake up
can i get PTO tomorrow, i'm going to kill myself
I am so tired of living like this
hang myself in the supply room, that's what i think about
Honestly I don't care if I live or die
i dieeee inside, i wanna dieeee
I'm not safe with myself tonight
nobody would miss me if i was gone
i've been cutting again
i am on the edge of the roof
I'm standing on the roof of the garage and want to jump
i have the pills in front of me
quiero morirme
ya no quiero vivir
quiero hacerme daño
quiero acabar con mi vida
me corto los brazos
i want it all to be over, everything
burned out, done, i want to end everything
"""

DANGER = """
ayuda me estan atacando
un hombre tiene una pistola
mi esposo me pega
hay fuego en la cocina
no puedo respirar
llame a la policia
there's a man with a gun in the lobby
active shooter on 4 west
he has a knife
I heard gunshots outside the ED
someone is shooting in the parking garage
a visitor is threatening me right now
patient's son said he's going to kill me
my coworker threatened to shoot up the unit
he said he'll hurt me when i clock out
there is a bomb in the cafeteria
we got a bomb threat
there's a fire in the supply room
the kitchen is on fire
I smell smoke on the third floor
my husband hits me
my boyfriend choked me last night and i'm scared to go home
my ex is following me to my car
my ex found out where I work and showed up
I'm afraid of my husband
is there someone i can talk to about domestic violence
i'm in an abusive relationship
I was raped
a man is following me in the parking ramp
someone is stalking me
I'm locked in the med room, he's outside
im hiding in the bathroom from a patient
i feel like im in danger
I fear for my life
I'm having chest pains
i think i'm having a heart attack
I can't breathe
im bleeding badly and can't stop
I think I'm having a stroke
my coworker passed out and isn't breathing
someone is attacking a nurse
there is a fight going on in the waiting room
patient is getting violent, we need security now
call 911
please help me he's coming
i got death threats from a patient's family
he punched me in the face just now
a guy with a weapon is in the building
I'm going to kill my manager
He pulled a gun on me
i am being attacked
a visitor has me cornered by the med room
call security now
my coworker just passed out
i'm going to bring a gun to work and they'll be sorry
"""

LOOK_ALIKES = """
her cousin took his own life in june, can she get days off
mi supervisora me grita
me lastime la espalda en el trabajo
cuando puedo terminar con la capacitacion
this shift is killing me
my feet are killing me, do we have a shoe allowance
these 12s are killing my back
I would kill for a day off
would calling off twice hurt my rating
id kill for a vacation, how much pto do i have
I'm dying to know when we get paid
bored to death on light duty
dead tired after four nights in a row
got fired yesterday, when is my last check
am I going to get fired for being late
how do i fire my dental plan and get a new one
when is the next fire drill
is fire safety training mandatory this year
active shooter training due date?
where do i find the suicide prevention module
do sitters for suicidal patients get extra pay
my brother died by suicide, how many bereavement days do i get
our family lost my cousin to suicide, is there leave
I hurt myself lifting a patient, who do i tell
i cut myself on a scalpel in the OR
stuck myself with a used needle
cut my finger with a knife in the kitchen, is that workers comp
I hurt my back at work
a patient hit me yesterday, how do i report it
how do I report an unsafe staffing level
who do i tell about a wet floor in the stairwell
my manager threatened to write me up
she threatened to cut my hours
forgot to punch in this morning
missed punch on friday
where do i get my flu shot
booster shots required?
shoot me an email when it's done
did they cut my hours
hit my overtime limit already
this insurance is going to be the death of my budget
how much is life insurance and does it cover death
what does AD&D mean, accidental death?
can't breathe in these n95 masks, any other options
do I get sick leave after a heart attack
my dad had a stroke, can i take fmla
stroke certification bonus for nurses
does the chest pain unit get a float differential
what's the deadline to end my enrollment
I want to jump on the tuition program
don't jump the gun but when is the raise
killing myself working doubles, is there a limit on hours
I'd rather die than work another christmas, when is it paid double
drop dead date for open enrollment?
is there counseling for stress
how long is maternity leave
i need to change my emergency contact
emergency: my paycheck is wrong
self defense class for staff?
domestic partner coverage
can my domestic partner be on the plan
what is the weapons policy
a patient bit me last week, do i need a blood test
knife skills class in the cafeteria
security badge lost
is bullying covered by the harassment policy
my boss keeps yelling at me
harassed by a coworker who keeps asking me out
I'm burned out
die cut badges for the fair
where is the code for the break room fridge
does the gym reimbursement cover kickboxing
my wife is expecting, when do i tell hr
a patient bit me and broke the skin, where do i go
a patient punched me in the face last week, who pays for the er visit
can someone escort me, i don't like to walk to my car at night
update emergency contact please
got a bill from the emergency room
I'm so burned out, is there counseling
missed my punch yesterday
can i bring my own lunch to the unit
i got passed over for a promotion
he hit me back with a question about my form
"""


def lines(block: str) -> list[str]:
    return block.strip().splitlines()


@pytest.mark.parametrize("text", lines(SELF_HARM))
def test_self_harm_is_recognised(text):
    assert detect(text) == "self_harm"


@pytest.mark.parametrize("text", lines(DANGER))
def test_danger_is_recognised(text):
    assert detect(text) == "danger"


@pytest.mark.parametrize("text", lines(LOOK_ALIKES))
def test_everyday_talk_is_no_alarm(text):
    assert detect(text) is None


@pytest.mark.parametrize(
    "text", ["I DON’T WANT TO LIVE", "i want to  die!!!", "i want.to.die", "¡I wánt to die!"]
)
def test_spelling_and_punctuation_do_not_hide_a_crisis(text):
    assert detect(text) == "self_harm"


@pytest.mark.parametrize("text", ["", "   ", "???", "🙂"])
def test_messages_without_words_are_no_alarm(text):
    assert detect(text) is None


def test_a_very_long_message_is_read_quickly_and_to_its_end():
    assert (
        detect("my schedule was changed again and again " * 2000 + "i want to die") == "self_harm"
    )


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataFileError, match=r"gone\.yml"):
        CrisisPhrases.load(tmp_path / "gone.yml")


def test_a_missing_section_is_named(tmp_path):
    file = tmp_path / "crisis.yml"
    file.write_text("idioms:\n- killing me\n")
    with pytest.raises(DataFileError, match="self_harm"):
        CrisisPhrases.load(file)


@pytest.mark.parametrize(
    ("wrong", "next_one"),
    [("(die", "go)"), ("die)|(", "go"), ("di[e", "g]o"), ("die\\", "go"), ("di**e", "go")],
)
def test_a_wrong_phrase_is_named(tmp_path, wrong, next_one):
    sections = f"idioms: [a]\nself_harm: [b, '{wrong}', '{next_one}']\ndanger: [c]\n"
    file = Path(tmp_path / "crisis.yml")
    file.write_text(sections)
    with pytest.raises(DataFileError, match=f"self_harm: {re.escape(wrong)} "):
        CrisisPhrases.load(file)
