"""The table of page codes that wait for an answer."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base


class CaptchaChallenge(Base):
    """The newest page code of one browser for one action; only a keyed hash of the answer is kept; telemetry."""

    __tablename__ = "captcha_challenges"

    holder: Mapped[str] = mapped_column(String(64), primary_key=True)
    action: Mapped[str] = mapped_column(String(32), primary_key=True)
    answer_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)
