"""Certificates as signed PDF files: stands alone, knows nothing of registration.

``document`` is the data (``picture`` checks logos), ``labels`` its words, ``page`` its HTML in one
of three designs, ``pdf`` the file (the only WeasyPrint import) with ``drawing``, ``engraving`` and
``qr`` for what is drawn and ``finishing`` for what makes it archival and accessible, ``refusals``
why it is not printed; ``claims`` what travels inside the file. ``key`` and ``cms`` sign bytes;
``signature`` (with ``stamp``) signs the file, ``tokens`` (with ``badge`` and ``jws``) what stands
beside it: the badge and the QR code's claim. ``verify`` checks all three, with ``seal`` for the
file's bytes and ``trust`` for whose signature it is. ``press`` are the worker
processes that do the slow part for an asynchronous server.
"""
