"""Everything the web side works with, made once by the front door and handed to pages and routes."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass

from flask_caching import Cache

from inference.client import SETTINGS, SHIPPED_EVALUATIONS, JobClient, available_weights, default_weights
from lartpc.event import Event
from records.answers import AnswerStore
from records.asked import AskedLog
from records.database import Database, database_url, open_database
from records.evaluations import EvaluationStore
from records.folder import DataFolder
from records.images import ImageStore
from viewer.library import Library
from viewer.settings import Settings

_log = logging.getLogger(__name__)

_CACHED_BODIES = 48
"""Plane bodies kept in memory, gzipped: some 0.3 MB each."""


@dataclass(frozen=True)
class Services:
    """library: files that may be opened. jobs: the queue. stored: answers of networks. asked: which
    entries were put to a network. evaluations: how accurate networks are. database: labels, studies and
    accounts. images: what was labelled. cache: encoded plane bodies, in memory."""

    settings: Settings
    library: Library
    jobs: JobClient
    stored: AnswerStore
    asked: AskedLog
    evaluations: EvaluationStore
    database: Database
    images: ImageStore
    cache: Cache

    @classmethod
    def open(cls, settings: Settings) -> Services:
        """Everything on the settings' files and data folder. Raises DataFolderError, LabelStoreError."""
        folder = DataFolder(settings.data_folder)
        folder.prepare()
        database = open_database(database_url(os.environ, folder.root))
        stored = AnswerStore(folder.predictions)
        return cls(
            settings=settings,
            library=Library(settings.files),
            jobs=JobClient(folder, stored, settings.broker),
            stored=stored,
            asked=AskedLog(folder.asked),
            evaluations=EvaluationStore(folder.evaluations, (SHIPPED_EVALUATIONS,)),
            database=database,
            images=ImageStore(folder.images),
            cache=Cache(
                config={
                    "CACHE_TYPE": "SimpleCache",
                    "CACHE_THRESHOLD": _CACHED_BODIES,
                    "CACHE_DEFAULT_TIMEOUT": 0,
                }
            ),
        )

    def answers(self, event: Event) -> dict[str, dict[str, str]]:
        """Network -> plane -> job key of the stored answer of the default weights, where there is one."""
        found: dict[str, dict[str, str]] = {}
        for network, plane in {(card.network, card.plane) for card in available_weights()}:
            if network not in SETTINGS or plane not in event.images:
                continue
            key = self.jobs.key(event.images[plane], default_weights(network, plane))
            if self.stored.has(key):
                found.setdefault(network, {})[plane] = key
        return found

    def remember(self, name: str, entry: int, keys: list[str]) -> None:
        """Note that these jobs were asked for one event. The jobs are on their way already, so a disk
        that refuses costs no more than a tick in the event table."""
        try:
            self.asked.add(self.library.path(name), entry, keys)
        except OSError as error:
            _log.warning("the event table will not show entry %d of %s as asked: %s", entry, name, error)

    def predicted_entries(self, name: str) -> set[int]:
        """Entries of a file that have a stored answer of any network."""
        asked = self.asked.keys(self.library.path(name))
        return {entry for entry, keys in asked.items() if any(map(self.stored.has, keys))}

    def close(self) -> None:
        """Close files, broker and database."""
        self.library.close()
        self.jobs.close()
        self.database.close()
