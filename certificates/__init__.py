"""Certificates as signed PDF files: stands alone, knows nothing of registration.

``document`` is the data, ``labels`` its words, ``pdf`` the page (the only WeasyPrint
import), ``claims`` what travels inside the file, ``signature`` and ``verify`` the seal,
``press`` the worker processes that do the slow part for an asynchronous server.
"""
