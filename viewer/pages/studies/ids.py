"""Ids of the Studies page's elements, in one place. assets/studies/ uses the same words."""

from __future__ import annotations

from typing import Final

ADDRESS: Final = "studies-address"
THEME: Final = "studies-theme"
THEME_TOGGLE: Final = "studies-theme-toggle"
EVENTS_LINK: Final = "studies-events-link"
NAME: Final = "studies-name"
WHO: Final = "studies-who"
TITLE: Final = "studies-title"
PARTS: Final = "studies-parts"
PROBLEM: Final = "studies-problem"

LIST: Final = "studies-list"
RESULTS: Final = "studies-results"
JUDGE: Final = "studies-judge"
TURING: Final = "studies-turing"

HEAD: Final = "studies-head"
AGREEMENT: Final = "studies-agreement"
EQUIVALENCE: Final = "studies-equivalence"
SPECTRA: Final = "studies-spectra"
DISAGREEMENT: Final = "studies-disagreement"
TABLES: Final = "studies-tables"
NUMBER: Final = "studies-number"
DETAIL: Final = "studies-detail"
SAVE_HTML: Final = "studies-save-html"
SAVE_CSV: Final = "studies-save-csv"
DOWNLOAD: Final = "studies-download"

BETWEEN: Final = "studies-between"
PAIR: Final = "studies-pair"
PAIR_KEY: Final = "studies-pair-key"
PAIR_BOX: Final = "studies-pair-box"
PAIR_WORDS: Final = "studies-pair-words"
PICTURES: Final = "studies-pictures"
PICTURE_A: Final = "studies-picture-a"
PICTURE_B: Final = "studies-picture-b"
LEGEND: Final = "studies-legend"
ONLY_DIFFERENT: Final = "studies-only-different"
COMMENT: Final = "studies-comment"
VERDICT: Final = "studies-verdict"
VERDICT_SAID: Final = "studies-verdict-said"
VERDICTS: Final = "studies-verdicts"
VERDICT_BUTTONS: Final = {
    "a_wrong": "studies-a-wrong",
    "b_wrong": "studies-b-wrong",
    "both_wrong": "studies-both-wrong",
    "undecided": "studies-undecided",
}

AUDIENCE: Final = "studies-audience"
TURN: Final = "studies-turn"
TURN_KEY: Final = "studies-turn-key"
ANSWERED: Final = "studies-answered"
TURN_WORDS: Final = "studies-turn-words"
TURN_PICTURES: Final = "studies-turn-pictures"
TURN_LEFT: Final = "studies-turn-left"
TURN_RIGHT: Final = "studies-turn-right"
TURN_LEGEND: Final = "studies-turn-legend"
CHOOSE_LEFT: Final = "studies-choose-left"
CHOOSE_RIGHT: Final = "studies-choose-right"
CHOICES: Final = "studies-choices"
HANDS: Final = "studies-hands"
HANDS_LEFT: Final = "studies-hands-left"
HANDS_RIGHT: Final = "studies-hands-right"
HANDS_NEXT: Final = "studies-hands-next"
ASKING: Final = "studies-asking"
SCORE: Final = "studies-score"
