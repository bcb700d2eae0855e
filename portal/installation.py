"""Opening the installation: what every process of the portal does before it works, and what is made good before the server starts."""

from importlib import import_module

from portal.accounts import certificate_files, profile, signatures
from portal.accounts.commands.certificates import ensure_authority
from portal.administration import checkpoint_mail
from portal.administration.deletion import ledger
from portal.audit import checkpoints
from portal.catalog.catalogue import catalogue
from portal.core import clock, database
from portal.core.context import SYSTEM
from portal.core.settings import PROJECT_ROOT, Settings
from portal.keys.opening import open_keys
from portal.media import scanning, storage, workshop
from portal.notify import mail
from portal.releases import publisher, push, renewal, site
from portal.releases.jobs import catch_up, repair_all
from portal.releases.signing.commands import ensure_keys, write_key_set
from portal.tenants.reference_data import fill_provinces
from portal.web import i18n

JOBS = (
    "audit.jobs",
    "keys.jobs",
    "releases.jobs",
    "releases.broadcasting",
    "media.jobs",
    "media.conversion.jobs",
    "media.uploading.jobs",
    "media.apk.jobs",
    "accounts.jobs",
    "tenants.jobs",
    "content.jobs",
    "content.usage",
    "orders.jobs",
    "boxes.jobs",
    "boxes.watching",
    "boxes.letting_in",
    "boxes.measures",
    "releases.measures",
    "review.measures",
    "boxes.comparing",
    "boxes.naming",
    "boxes.on_jobs",
    "boxes.on_releases",
    "accounts.group_use",
    "releases.on_channels",
    "administration.jobs",
)


def open_installation(settings: Settings) -> None:
    """This function will open what every process of the portal works with: database, keys, storage, public folder, jobs."""
    if settings.test_clock is not None:
        clock.shift(settings.test_clock)
    catalogue()
    database.use(database.Database(settings.database_url, pool_size=settings.threads + 4))
    open_keys(settings, database.database().engine)
    storage.use(storage.FolderStorage(settings.media_dir))
    workshop.use(settings.unfinished_dir)
    site.configure(settings.public_dir, settings.public_s3_url)
    push.configure(settings)
    checkpoints.configure(settings.audit_dir)
    mail.configure(settings)
    checkpoint_mail.configure(settings.audit_mail)
    signatures.register()
    profile.configure(settings.password_profile)
    scanning.configure(settings.scan_command)
    ledger.configure(settings.deletions_file)
    certificate_files.configure(settings.certificates_dir)
    for name in JOBS:
        import_module(f"portal.{name}")


def prepare_start(settings: Settings) -> None:
    """This function will make good, before the server starts, what a crash left behind, and what was missed since.

    Unfinished publications are finished, old pointers signed anew, missing or torn files written again, stale translations compiled.
    """
    open_installation(settings)
    fill_provinces(database.database().engine)
    i18n.compile_stale(PROJECT_ROOT / "translations")
    site.publish_schemas()
    ensure_keys(SYSTEM)
    write_key_set()
    renewal.renew_due()
    if settings.tls_certificate is not None:
        ensure_authority()
    certificate_files.publish()
    publisher.finish_unfinished()
    repair_all()
    catch_up()
    publisher.rest()
    database.database().dispose()
