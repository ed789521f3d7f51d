"""Refused models are refused for their cause, and the change named makes them export."""

import pytest

from prove.refused import REFUSED, problems


@pytest.mark.parametrize("number", range(0, len(REFUSED), 7))
def test_the_cause_is_true_and_the_change_helps(number):
    assert problems(REFUSED[number]) == ("", "")


def test_there_are_models_for_every_kind():
    assert len(REFUSED) >= 60
    assert len({it.cause for it in REFUSED}) >= 12
