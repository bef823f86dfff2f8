"""The words of each consent, as people read them, in every version that there was.

A consent keeps which version, in which language, and the digest of its words: so it can be shown,
years later, what somebody said yes to. A version is never changed: other words are a new version.
That is why the languages stand here and not in the message catalogues, which may be improved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from registration.people.rules import NOTICE_VERSION, Purpose


@dataclass(frozen=True, slots=True)
class Wording:
    """One version of the words of one purpose; ``texts`` by language."""

    version: str
    purpose: Purpose
    texts: Mapping[str, str]

    def text(self, language: str) -> str:
        return self.texts.get(language) or self.texts["en"]

    def digest(self, language: str) -> str:
        """SHA-256 of the words in UTF-8, in hexadecimal."""
        return sha256(self.text(language).encode()).hexdigest()


_NEWSLETTER = Wording(
    "newsletter-1",
    Purpose.NEWSLETTER,
    {
        "en": "Send me newsletters on trainings and events by e-mail. I can stop them at any time.",
        "fi": "Lähettäkää minulle sähköpostitse uutiskirjeitä koulutuksista ja tapahtumista. "
        "Voin lopettaa ne milloin tahansa.",
        "sv": "Skicka mig nyhetsbrev om utbildningar och evenemang per e-post. "
        "Jag kan avsluta dem när som helst.",
    },
)
_SURVEYS = Wording(
    "surveys-1",
    Purpose.SURVEYS,
    {
        "en": "Send me surveys by e-mail on how you did. I can stop them at any time.",
        "fi": "Lähettäkää minulle sähköpostitse kyselyitä siitä, miten onnistuitte. "
        "Voin lopettaa ne milloin tahansa.",
        "sv": "Skicka mig enkäter per e-post om hur ni lyckades. "
        "Jag kan avsluta dem när som helst.",
    },
)
_MARKETING = Wording(
    "marketing-1",
    Purpose.MARKETING,
    {
        "en": "Send me offers and advertising by e-mail. I can stop them at any time.",
        "fi": "Lähettäkää minulle sähköpostitse tarjouksia ja mainontaa. "
        "Voin lopettaa ne milloin tahansa.",
        "sv": "Skicka mig erbjudanden och reklam per e-post. Jag kan avsluta dem när som helst.",
    },
)
_NOTICE = Wording(
    NOTICE_VERSION,
    Purpose.NOTICE,
    {
        "en": "I have read the privacy notice.",
        "fi": "Olen lukenut tietosuojaselosteen.",
        "sv": "Jag har läst dataskyddsmeddelandet.",
    },
)
# The words that are shown now.
CURRENT: Mapping[Purpose, Wording] = {
    each.purpose: each for each in (_NEWSLETTER, _SURVEYS, _MARKETING, _NOTICE)
}
# Labels of boxes, from before the words had versions of their own; the language was not kept.
_LABELS = (
    Wording(
        NOTICE_VERSION,
        Purpose.NEWSLETTER,
        {
            "en": "Newsletters on trainings and events",
            "fi": "Uutiskirjeet koulutuksista ja tapahtumista",
            "sv": "Nyhetsbrev om utbildningar och evenemang",
        },
    ),
    Wording(
        NOTICE_VERSION,
        Purpose.SURVEYS,
        {
            "en": "Surveys on how we did",
            "fi": "Kyselyt siitä, miten onnistuimme",
            "sv": "Enkäter om hur vi lyckades",
        },
    ),
    Wording(
        NOTICE_VERSION,
        Purpose.MARKETING,
        {
            "en": "Offers and advertising",
            "fi": "Tarjoukset ja mainonta",
            "sv": "Erbjudanden och reklam",
        },
    ),
)
# What was ever shown.
EVER: tuple[Wording, ...] = (*_LABELS, *CURRENT.values())
_BY_VERSION = {(each.purpose, each.version): each for each in EVER}


def words_of(purpose: Purpose, version: str, language: str) -> str:
    """What was read; empty for words that this version of the program does not know."""
    known = _BY_VERSION.get((purpose, version))
    return known.text(language) if known else ""
