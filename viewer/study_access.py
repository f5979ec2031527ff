"""Who may see what a study found, and in whose name a judgement is stored: the one place that decides it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.accounts import AccessError, find_account, named_rater, require_role
from records.models import Account, Study, Task
from viewer.access import Access


class StudyAccess:
    """On one's own machine, where people go by the name they gave, everyone may see everything that does not
    spoil their own labelling. Where people log in, owners and admins may, in their own name alone."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def check_results(self, session: Session, study: Study, name: str | None) -> None:
        """Raises AccessError for a rater where people log in, and for somebody who still has images of the
        study to label: they stay blind."""
        account = self._account(session, name)
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
        account = self._account(session, name) or named_rater(session, name or "")
        self.check_results(session, study, account.name)
        return account

    def _account(self, session: Session, name: str | None) -> Account | None:
        if self._access.kind == "local":
            return find_account(session, name) if name else None
        account = session.get_one(Account, self._access.person().id)
        require_role(account, "owner")
        return account
