"""What people type to an agent in a day, and what stands in their files.

About half of the prompts hold a phrase that some concept of the shipped
knowledge graph knows; the others are what people type most: the next step.
"""

from __future__ import annotations

import random
from typing import Final

from bench.corpus import SMALL_WORDS, WORDS

PLAIN: Final = (
    "The total on the invoice page is still wrong when the cart is empty, can you look again?",
    "Yes, go on.",
    "Now do the same for the other two endpoints.",
    "That works. Rename the option to --dry-run everywhere.",
    "Why does the second call come back empty?",
    "Commit this and tell me what is left.",
    "The button should be disabled while the form is being sent.",
    "Add a line to the change log and bump the version.",
    "It fails again with the same error, see the log.",
    "Undo the last change, it made things worse.",
    "Please also cover the case where the file is missing.",
    "Where is this setting read, and who changes it?",
    "Make the message shorter and say which field is meant.",
    "Move this into its own file and leave the behaviour as it is.",
)
MATCHED: Final = (
    "Let us use plan mode for the move to the new billing provider.",
    "Make a plan first: how do we split the importer in two?",
    "Think step by step: why can two workers take the same job?",
    "Work through this carefully, the numbers of March don't add up.",
    "Refactor the upload handler, it has grown too long.",
    "Refactor this so that the parser knows nothing of files.",
    "Here is some dead code, please take it out.",
    "The borrow checker complains about the second loop.",
    "Write this as a python script that reads both exports.",
    "This python function is called twice, find out by whom.",
    "Write a unit test for the rounding.",
    "The sql query takes nine seconds, what would help?",
    "Please do a code review of what we have so far.",
    "Write the commit message for this.",
    "Why does the docker container stop at once?",
    "A race condition, I think: it only fails on the build machine.",
    "Quick answer please: which port does it listen on?",
    "I want the best possible answer here, it goes to the customer.",
    "Keep it cheap, but summarise this text for the release notes.",
    "The kubernetes pod is restarted every hour.",
)
SEARCH: Final = "Perform a web search for the query: current release of the payment library"
LOOK: Final = "The layout is broken on the phone, look at this screenshot."
COMPACT: Final = (
    "Your task is to create a detailed summary of the conversation so far, with all files, "
    "decisions and open ends, so that the work can go on without it."
)
TITLE: Final = "Write a title of three to seven words for this session:"
ERRAND: Final = "Find every place that reads the setting, and say what each of them does with it."


class Prose:
    """Filler that reads like text, cut from one long piece: the same for the same seed."""

    def __init__(self, seed: int) -> None:
        chance = random.Random(seed)
        words = chance.choices((*WORDS, *SMALL_WORDS), k=200_000)
        self._text = " ".join(words)

    def cut(self, chance: random.Random, size: int) -> str:
        """Return ``size`` characters from anywhere in it."""
        start = chance.randrange(len(self._text) - size)
        return self._text[start : start + size]
