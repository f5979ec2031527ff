"""What comes with the demo events: put into the database when the app starts with them for the first time."""

from __future__ import annotations

import logging
import threading

from lartpc.errors import EventFileError
from records.database import LabelStoreError
from records.demo_study import load_demo_studies
from records.study_definition import StudyError
from viewer.services import Services
from viewer.settings import DEMO_FILE

_log = logging.getLogger(__name__)


def add_demo_studies(services: Services) -> threading.Thread | None:
    """Add the studies of the demo that are missing, beside the start; returns the thread that does it.

    None where the demo events are not among the files. What goes wrong is logged: the app runs without them.
    """
    if DEMO_FILE not in services.settings.files:
        return None
    thread = threading.Thread(target=_add, args=(services,), name="demo studies", daemon=True)
    thread.start()
    return thread


def _add(services: Services) -> None:
    try:
        load_demo_studies(services.database, services.images, services.stored, DEMO_FILE, DEMO_FILE.parent)
    except (StudyError, EventFileError, LabelStoreError, OSError, ValueError) as error:
        _log.warning("the demo studies were not added: %s", error)
