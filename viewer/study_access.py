"""Who may see what a study found, and in whose name a judgement is stored: the one place that decides it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.accounts import AccessError, find_account, named_rater, require_role
from records.models import Account, Study, StudyImage, Task
from viewer.access import Access


class StudyAccess:
    """On one's own machine, where people go by the name they gave, everyone may see everything that does not
    spoil their own labelling. Where people log in, owners and admins may, in their own name alone."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def check_results(self, session: Session, study: Study, name: str | None) -> None:
        """Raises AccessError for a rater where people log in, and for somebody who still has images of the
        study to label, in this study or in another one that shares them: they stay blind."""
        account = self._account(session, name)
        if account is None:
            return
        left = _left(session, study, account)
        if left:
            where, number = ("", left[study.name]) if study.name in left else min(left.items())
            raise AccessError(
                f"{account.name} still has {number} {'image' if number == 1 else 'images'} of this study to "
                f"label{where and f' in the study {where}'}, and would no longer be blind; the results are "
                "shown when all are handed in"
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


def _left(session: Session, study: Study, account: Account) -> Counter[str]:
    """How many images of a study an account still has to label, by the study they are to be labelled in."""
    hashes = select(StudyImage.image_hash).where(StudyImage.study_id == study.id)
    query = (
        select(Study.name)
        .join(Task, Task.study_id == Study.id)
        .join(StudyImage, Task.study_image_id == StudyImage.id)
        .where(
            Task.rater_id == account.id,
            Task.state != "submitted",
            Task.left_at.is_(None),
            StudyImage.image_hash.in_(hashes),
        )
    )
    return Counter(session.scalars(query))
