"""TextBlob's word is yes or no, and it is not loaded before it is asked."""

import subprocess
import sys

import pytest

from plugin.learning.mood import Mood

MOOD = Mood()


@pytest.mark.parametrize(
    ("text", "upset"),
    [
        ("This is a terrible, horrible service.", True),
        ("The worst company ever.", True),
        ("The parcel arrives on Monday.", False),
        ("What a wonderful day.", False),
        ("", False),
    ],
)
def test_it_says_present_or_absent(text, upset):
    assert MOOD(text) is upset


def test_a_long_text_is_cut():
    assert MOOD("fine " * 100_000 + "terrible") is False


def test_nothing_is_loaded_before_the_first_question():
    code = "import sys; from plugin.learning.mood import Mood; Mood(); assert 'textblob' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
