"""Why a certificate is not printed. Apart from ``pdf``: who only asks the press need not load
WeasyPrint to read what a worker says."""

from certificates.document import CertificateError
from certificates.fonts import named_letters


class DoesNotFit(CertificateError):
    """The text needs more room than there is, even in the tightest setting."""


class AssetRefused(CertificateError):
    """A certificate asked for something outside itself: a file, or the network."""


class LettersMissing(CertificateError):
    """No font of this machine has some letters: a certificate never shows boxes in their place."""

    def __init__(self, number: str, letters: str) -> None:
        super().__init__(number, letters)
        self.number = number
        self.letters = letters

    def __str__(self) -> str:
        return (
            f"certificate {self.number}: no font has {named_letters(self.letters)}; install "
            "fonts-noto-core and fonts-noto-cjk, or correct the text"
        )
