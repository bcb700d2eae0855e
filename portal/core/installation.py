"""What a database says about itself: whether it was created for the demo data, how it is with what it works with."""

from sqlalchemy import Engine, String, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.models import Base

_PURPOSE = "purpose"
_DEMO = "demo"


class InstallationFact(Base):
    """One fact about the database as a whole, such as what it was created for."""

    __tablename__ = "installation_facts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


def is_demo_database(engine: Engine) -> bool:
    """This function will tell whether the database was created for the demo data; one without tables was not."""
    with engine.connect() as connection:
        if not inspect(connection).has_table(InstallationFact.__tablename__):
            return False
        found = select(InstallationFact.value).where(InstallationFact.name == _PURPOSE)
        return connection.scalar(found) == _DEMO


def fact(engine: Engine, name: str) -> str | None:
    """This function will return a fact about the installation, None where nobody noted it."""
    with engine.connect() as connection:
        found: str | None = connection.scalar(select(InstallationFact.value).where(InstallationFact.name == name))
        return found


def note_fact(engine: Engine, name: str, value: str) -> None:
    """This function will note how it is with something that is nobody's decision, such as whether a server answers."""
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    noted = insert(InstallationFact).values(name=name, value=value)
    with engine.begin() as connection:
        connection.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def mark_as_demo(engine: Engine) -> None:
    """This function will say, for good, that the database is the demo's; doing so again changes nothing.

    Whoever calls it has seen that the database is empty. It runs on a connection of its own, before there is anybody whose
    permission could be asked.
    """
    insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    with engine.begin() as connection:
        connection.execute(insert(InstallationFact).values(name=_PURPOSE, value=_DEMO).on_conflict_do_nothing())
