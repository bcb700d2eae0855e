"""What Alembic runs for every command: the portal's tables, on the connection and in the transaction that it was given."""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, TypeDecorator, Uuid

from portal.cli.metadata import load_metadata


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | bool:
    """This function will write a column type of ours as the plain type below it, so that a migration outlives the class."""
    if kind != "type":
        return False
    if type(item) is JSON:
        # Alembic writes the variant with a name that it does not import.
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    if isinstance(item, Uuid):
        return "sa.Uuid(as_uuid=False)"
    return "sa." + repr(item.impl_instance) if isinstance(item, TypeDecorator) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=load_metadata(),
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
