"""The engine's sentences, translated with the names in them."""

import pytest

from ptt.floor import refusals
from ptt_desktop.sentences import TEMPLATES, translated


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_means_itself(template: str) -> None:
    sentence = template.replace("{", "<").replace("}", ">")

    assert translated(sentence) == sentence


def test_an_unknown_sentence_is_shown_as_it_came() -> None:
    assert translated("Never heard {of} it.") == "Never heard {of} it."


def test_every_refusal_of_the_floor_is_known() -> None:
    phrases = {
        value.phrase
        for value in vars(refusals).values()
        if isinstance(value, refusals.Refusal | refusals.Withdrawal)
    }

    assert phrases - {""} <= set(TEMPLATES)
