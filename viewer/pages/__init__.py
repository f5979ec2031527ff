"""Pages of the viewer, each put on its Dash app."""

from __future__ import annotations

from dash import Dash

from viewer.pages import models, scan, studies
from viewer.pages.index import index_string, plain_index_string
from viewer.services import Services
from viewer.study_access import StudyAccess


def register(app: Dash, services: Services) -> None:
    """Put the scan page on an app. Its data come from the services' routes, asked for by the browser."""
    app.index_string = index_string()
    app.layout = scan.layout()
    scan.register(app)


def register_models(app: Dash, services: Services) -> None:
    """Put the Models page on an app of its own."""
    app.index_string = plain_index_string()
    app.layout = models.layout()
    models.register(app, services)


def register_studies(app: Dash, services: Services, access: StudyAccess) -> None:
    """Put the Studies page on an app of its own."""
    app.index_string = plain_index_string()
    app.layout = studies.layout()
    studies.register(app, services, access)
