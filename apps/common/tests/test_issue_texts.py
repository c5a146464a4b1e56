"""Every issue the engine can raise has words for people."""

import re
from pathlib import Path

from apps.common.issue_texts import TEXTS, issue_text

ENGINE = Path(__file__).resolve().parents[2] / "engine"
RAISED = re.compile(r"(?:issue(?:_once)?|Issue)\(\s*\"([a-z_]+)\"")


def test_every_code_of_the_engine_has_its_own_words():
    codes = set()
    for path in ENGINE.rglob("*.py"):
        if "tests" not in path.parts and path.name not in ("csvio.py",):
            codes |= set(RAISED.findall(path.read_text(encoding="utf-8")))
    assert len(codes) > 15  # the search above found them
    assert codes - set(TEXTS) == set()


def test_a_code_without_words_still_gets_some():
    assert str(issue_text("never_heard_of").title)
