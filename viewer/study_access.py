"""Who may see what a study found, and in whose name a judgement is stored: the one place that decides it."""

from __future__ import annotations

from ipaddress import ip_address

from flask import has_request_context, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.accounts import AccessError, find_account, named_rater
from records.models import Account, Study, Task


class StudyAccess:
    """On one's own machine, where people go by the name they gave, everyone may see everything that does not
    spoil their own labelling. host: where the app listens; elsewhere than on this machine, nobody may."""

    def __init__(self, host: str) -> None:
        self._open = _is_loopback(host)

    def check(self) -> None:
        """Raises AccessError where others can reach the app, which cannot tell them apart."""
        # gunicorn may listen elsewhere than the settings say.
        asked_from = (request.remote_addr or "") if has_request_context() else "127.0.0.1"
        if not (self._open and _is_loopback(asked_from)):
            raise AccessError("studies are shown only where the app listens to its own machine alone")

    def check_results(self, session: Session, study: Study, name: str | None) -> None:
        """Raises AccessError for somebody who still has images of the study to label: they stay blind."""
        self.check()
        account = find_account(session, name) if name else None
        if account is None:
            return
        own = select(Task.id).where(Task.study_id == study.id, Task.rater_id == account.id)
        left = len(session.scalars(own.where(Task.state != "submitted")).all())
        if left:
            raise AccessError(
                f"{account.name} still has {left} {'image' if left == 1 else 'images'} of this study to "
                "label, and would no longer be blind; the results are shown when all are handed in"
            )

    def judge(self, session: Session, study: Study, name: str | None) -> Account:
        """Whose judgement it is. Raises AccountError for no name, AccessError for one that may not judge."""
        account = named_rater(session, name or "")
        self.check_results(session, study, account.name)
        return account


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
