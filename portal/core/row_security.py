"""The seventh fence between tenants: row-level security of PostgreSQL, below everything that a session can be told.

Each transaction of a session says in two settings of its own whose it is (`enter`); a policy on every tenant table compares
its rows with them (`fence_tables`). A transaction that says nothing sees nothing. What the fence cannot stop is somebody
who runs statements of his own choice one after the other: he may say that he is another tenant.

PostgreSQL holds policies only against roles that are not above them. Whoever logs in as a superuser or with BYPASSRLS is
stepped down to `FENCED_ROLE` for the transaction. SQLite has no such thing: there the six fences above are all.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, MetaData, Table, TextClause, event, inspect, text

from portal.core.models import Base, TenantOwned
from portal.core.tenancy import PlatformScope, Scope, SystemScope, TenantScope, fenced_tables
from portal.core.unit_of_work import TELEMETRY

FENCED_ROLE = "portal_fenced"
POLICIES = frozenset({"tenant_reads", "tenant_writes"})

# Migrations and backups see and change every row; sessions have no such scope.
_MAINTENANCE = "maintenance"
MAINTENANCE = f"portal.scope={_MAINTENANCE}"
_OWN = "tenant_id = nullif(current_setting('portal.tenant', true), '')::uuid"

_ENTER = text(
    "SELECT set_config('portal.scope', :scope, true), set_config('portal.tenant', :tenant, true),"
    " set_config('role', :role, true)"
)
_BYPASSES = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
_IS_SUPERUSER = text("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
# Roles belong to the whole cluster, so another database of it may have made this one, perhaps at this very moment.
_MAKE_ROLE = text(
    f"DO $$ BEGIN CREATE ROLE {FENCED_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
    " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
)
_UNFENCED = text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)"
    " AND NOT (relrowsecurity AND relforcerowsecurity AND :policies <@ ARRAY"
    "(SELECT polname::text FROM pg_policy WHERE polrelid = pg_class.oid)) ORDER BY relname"
)


def enter(connection: Connection, scope: Scope) -> None:
    """This function will tell the transaction that has just begun on `connection` which rows it may see and change."""
    if connection.dialect.name == "postgresql":
        tenant = scope.tenant_id if isinstance(scope, TenantScope) else ""
        role = FENCED_ROLE if bypasses(connection) else "none"
        connection.execute(_ENTER, {"scope": _name(scope), "tenant": tenant, "role": role})


def enter_maintenance(connection: Connection) -> None:
    """This function will let the transaction that has just begun on `connection`, a migration's, see and change every row."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ENTER, {"scope": _MAINTENANCE, "tenant": "", "role": "none"})


def bypasses(connection: Connection) -> bool:
    """This function will tell whether the role that logged in to PostgreSQL stands above row-level security."""
    if "bypasses" not in connection.info:  # the pool keeps it for as long as the connection lives
        connection.info["bypasses"] = bool(connection.scalar(_BYPASSES))
    return bool(connection.info["bypasses"])


def unfenced_tables(connection: Connection) -> list[str]:
    """This function will return the tenant tables of a PostgreSQL database that lack a policy or do not force it on their owner."""
    names = [table.name for table in fenced_tables()]
    return list(connection.scalars(_UNFENCED, {"tables": names, "policies": sorted(POLICIES)}))


def fence_tables(connection: Connection) -> None:
    """This function will give every tenant table that exists in a PostgreSQL database its policies, anew where it has some."""
    if connection.dialect.name != "postgresql":
        return
    existing = set(inspect(connection).get_table_names())
    for table in sorted(fenced_tables(), key=lambda table: table.name):
        if table.name in existing:
            for statement in _fence(table):
                connection.execute(statement)
    if bypasses(connection):
        _grant_to_fenced_role(connection)


def _name(scope: Scope) -> str:
    match scope:
        case TenantScope():
            return "tenant"
        case PlatformScope():
            return "platform"
        case SystemScope():
            return "system"


def _fence(table: Table) -> Iterator[TextClause]:
    name = f'"{table.name}"'
    reads, writes = _scopes(table)
    yield text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for policy in sorted(POLICIES):
        yield text(f"DROP POLICY IF EXISTS {policy} ON {name}")
    yield text(f"CREATE POLICY tenant_reads ON {name} FOR SELECT USING ({_OWN} OR {reads})")
    yield text(f"CREATE POLICY tenant_writes ON {name} USING ({_OWN} OR {writes}) WITH CHECK ({_OWN} OR {writes})")


def _scopes(table: Table) -> tuple[str, str]:
    """Which scopes besides the tenant's own read and write `table`: what `core.tenancy` allows in a session, said in SQL."""
    owned = any(
        mapper.local_table is table for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)
    )
    reads, writes = [_MAINTENANCE, "system"], [_MAINTENANCE]
    if not owned or table.name in TELEMETRY:
        reads.append("platform")
        writes = reads
    return _is_one_of(reads), _is_one_of(writes)


def _is_one_of(scopes: list[str]) -> str:
    values = ", ".join(f"'{scope}'" for scope in scopes)
    return f"current_setting('portal.scope', true) IN ({values})"


def _grant_to_fenced_role(connection: Connection) -> None:
    connection.execute(_MAKE_ROLE)
    if not connection.scalar(_IS_SUPERUSER):  # a superuser takes on any role without being a member of it
        connection.execute(text(f"GRANT {FENCED_ROLE} TO CURRENT_USER"))
    schema = inspect(connection).default_schema_name
    connection.execute(text(f'GRANT USAGE ON SCHEMA "{schema}" TO {FENCED_ROLE}'))
    connection.execute(
        text(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "{schema}" TO {FENCED_ROLE}')
    )
    connection.execute(text(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO {FENCED_ROLE}'))


@event.listens_for(Base.metadata, "after_create")
def _fence_what_was_created(target: MetaData, connection: Connection, **_: object) -> None:
    fence_tables(connection)
