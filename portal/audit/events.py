"""Every event that can be recorded, with the exact set of keys its details have."""

from enum import Enum
from typing import Self


class Event(Enum):
    """An event: its stable name, and the keys of its details, no more and no fewer."""

    keys: frozenset[str]

    def __new__(cls, name: str, *keys: str) -> Self:
        """Make a member of its name; what follows the name are the keys of its details."""
        member = object.__new__(cls)
        member._value_ = name
        member.keys = frozenset(keys)
        return member

    # access
    ACCESS_DENIED = ("access.denied", "permission", "method", "path", "code")

    # accounts
    SIGNED_IN = ("account.signed_in", "method", "level")
    PASSWORD_ACCEPTED = ("account.password_accepted",)
    SIGN_IN_FAILED = ("account.sign_in_failed", "username", "reason")
    SIGNED_OUT = ("account.signed_out",)
    SESSIONS_FORGOTTEN = ("account.sessions_forgotten", "count", "older_than")
    SESSION_ENDED = ("account.session_ended", "reason")
    TENANT_CHOSEN = ("account.tenant_chosen", "enterprise_id")
    PASSWORD_CHANGED = ("account.password_changed",)
    TOTP_ENROLLED = ("account.totp_enrolled",)
    PASSKEY_ENROLLED = ("account.passkey_enrolled", "name")
    PASSKEY_RENAMED = ("account.passkey_renamed", "name")
    PASSKEY_REMOVED = ("account.passkey_removed", "name")
    PASSKEY_FELL_BACK = ("account.passkey_fell_back", "count")
    CERTIFICATE_ISSUED = ("account.certificate_issued", "username", "serial")
    CERTIFICATE_REVOKED = ("account.certificate_revoked", "username", "serial")
    CAPTCHA_FAILED = ("account.captcha_failed", "module")
    RECOVERY_CODES_MADE = ("account.recovery_codes_made", "count")
    RECOVERY_CODE_USED = ("account.recovery_code_used", "left")
    SIGNATURE_GIVEN = ("account.signature_given", "method")
    OFFICER_RECOVERED = ("account.officer_recovered", "username", "role", "reason")
    FACTORS_CLEARED = ("account.factors_cleared", "username", "password_too")
    AUTHORITY_CREATED = ("account.authority_created", "serial")
    LEVEL_RAISED = ("account.level_raised", "method", "level")
    ROLE_LEVEL_CHANGED = ("account.role_level_changed", "role", "level")
    PERSON_LEVEL_CHANGED = ("account.person_level_changed", "username", "level")
    TENANT_LEVEL_CHANGED = ("account.tenant_level_changed", "level")
    USER_CREATED = ("account.user_created", "username", "role")
    USER_CHANGED = ("account.user_changed", "fields")
    USER_DISABLED = ("account.user_disabled", "username")
    USER_ENABLED = ("account.user_enabled", "username")
    OFFICER_PROPOSED = ("account.officer_proposed", "act", "username", "role", "reason")
    OFFICER_CONFIRMED = ("account.officer_confirmed", "act", "username", "role")
    OFFICER_REFUSED = ("account.officer_refused", "act", "username", "role")
    LINK_ISSUED = ("account.link_issued", "username", "purpose")
    LINK_VOIDED = ("account.link_voided", "username")
    LINK_USED = ("account.link_used", "purpose")
    MEMBER_ADDED = ("account.member_added", "username", "role", "group")
    MEMBER_CHANGED = ("account.member_changed", "username", "role", "group")
    MEMBER_REMOVED = ("account.member_removed", "username")
    STEPPED_UP = ("account.stepped_up", "module", "method", "level")
    ROLE_POLICY_CHANGED = ("system.role_policy_changed", "role", "minutes")
    MODULE_POLICY_CHANGED = ("system.module_policy_changed", "module", "captcha", "level", "minutes")
    PREFERENCES_CHANGED = ("account.preferences_changed", "fields")

    ACL_ENTRY_ADDED = ("account.acl_entry_added", "acl", "place", "permission", "effect", "subject")
    ACL_ENTRY_REMOVED = ("account.acl_entry_removed", "acl", "place", "permission", "effect", "subject")
    USER_GROUP_CREATED = ("account.user_group_created", "name")
    USER_GROUP_CHANGED = ("account.user_group_changed", "name", "added", "removed")
    USER_GROUP_DELETED = ("account.user_group_deleted", "name")

    SUPPORT_OPENED = ("support.opened", "reason", "until")
    SUPPORT_ENDED = ("support.ended", "reason")

    # tenants
    CUSTOMER_CREATED = ("tenant.customer_created", "name", "industry_code")
    CUSTOMER_CHANGED = ("tenant.customer_changed", "fields")
    CONTACT_REVEALED = ("tenant.contact_revealed", "fields")
    TENANT_CREATED = ("tenant.created", "enterprise_id", "name")
    TENANT_CHANGED = ("tenant.changed", "fields")
    GROUP_CREATED = ("tenant.group_created", "name", "parent")
    GROUP_RENAMED = ("tenant.group_renamed", "name")
    GROUP_MOVED = ("tenant.group_moved", "parent")
    GROUP_DELETED = ("tenant.group_deleted", "name")
    APPLICATION_DRAFTED = ("tenant.application_drafted", "name")
    APPLICATION_CHANGED = ("tenant.application_changed", "fields")
    APPLICATION_SUBMITTED = ("tenant.application_submitted", "name")
    APPLICATION_TAKEN_BACK = ("tenant.application_taken_back", "name")
    APPLICATION_RETURNED = ("tenant.application_returned", "name", "reason")
    APPLICATION_APPROVED = ("tenant.application_approved", "name", "enterprise_id")
    APPLICATION_GIVEN_UP = ("tenant.application_given_up", "name")
    HANDED_OVER = ("tenant.handed_over", "step", "receiver")
    JOB_OPENED = ("tenant.job_opened", "group", "places", "phones", "last_on")
    JOB_CHANGED = ("tenant.job_changed", "fields")
    JOB_CLOSED = ("tenant.job_closed", "taken")
    JOB_REOPENED = ("tenant.job_reopened", "taken")
    CHANNEL_REPLACED = ("tenant.channel_replaced", "group")

    DELETION_ASKED = ("tenant.deletion_asked", "enterprise_id", "reason")
    DELETION_CONFIRMED = ("tenant.deletion_confirmed", "enterprise_id", "due_on")
    DELETION_DECLINED = ("tenant.deletion_declined", "enterprise_id")
    DELETION_WITHDRAWN = ("tenant.deletion_withdrawn", "enterprise_id")
    TENANT_CLOSED = ("tenant.closed", "enterprise_id", "sessions")
    TENANT_ROWS_WIPED = ("tenant.rows_wiped", "enterprise_id", "table", "count")
    TENANT_WIPED = ("tenant.wiped", "enterprise_id", "people", "files", "rows")

    # orders
    SUBSCRIPTION_ORDERED = ("order.subscribed", "offering", "boxes", "price")
    SUBSCRIPTION_CHANGE_REQUESTED = ("order.change_requested", "offering", "boxes", "price", "effective_on")
    SUBSCRIPTION_CHANGE_WITHDRAWN = ("order.change_withdrawn", "effective_on")
    SUBSCRIPTION_CANCELLED = ("order.cancelled", "effective_on")
    SUBSCRIPTION_SUSPENDED = ("order.suspended", "reason")
    SUBSCRIPTION_RESUMED = ("order.resumed",)
    GRANT_GIVEN = ("order.grant_given", "feature", "packages", "reason", "price", "ends_on")
    GRANT_ENDED = ("order.grant_ended", "feature")

    # media
    MEDIA_ADDED = ("media.added", "name", "kind", "sha256", "renditions")
    MEDIA_DELETED = ("media.deleted", "name", "sha256")
    MEDIA_RESTORED = ("media.restored", "name", "sha256")
    APP_FORGOTTEN = ("media.app_forgotten", "name", "sha256")
    MEDIA_TAGGED = ("media.tagged", "name", "added", "removed")
    FILE_KEPT_OUT = ("media.file_kept_out", "name", "sha256", "reason")
    APP_ADDED = ("media.app_added", "name", "package", "version_code", "sha256")
    VIDEO_RECEIVED = ("media.video_received", "name", "sha256")
    VIDEO_READY = ("media.video_ready", "name", "sha256")
    VIDEO_FAILED = ("media.video_failed", "name", "sha256", "reason")
    VIDEO_CANCELLED = ("media.video_cancelled", "name", "sha256")
    VIDEO_PUT_AWAY = ("media.video_put_away", "name")

    # content
    DRAFT_SAVED = ("content.draft_saved", "kind", "title", "sha256")
    DRAFT_EDITED = ("content.draft_edited", "kind", "title", "sha256", "saves", "until")
    DRAFT_DISCARDED = ("content.draft_discarded", "kind", "title")
    CONTENT_CLASSIFIED = ("content.classified", "before", "after")
    APPROVAL_VOIDED = ("content.approval_voided", "kind", "title", "sha256")
    OBJECT_PURGED = ("content.object_purged", "kind", "title")

    # review
    SUBMITTED = ("review.submitted", "items", "urgent", "publish_at")
    SUPERSEDED = ("review.superseded", "title", "sha256")
    WITHDRAWN = ("review.withdrawn", "items")
    APPROVED = ("review.approved", "title", "sha256")
    RETURNED = ("review.returned", "title", "sha256", "reason")
    COMMENTED = ("review.commented", "title", "sha256", "text")
    RESCHEDULED = ("review.rescheduled", "publish_at")

    # releases
    RELEASE_STARTED = ("release.started", "number", "kind", "reason", "items", "contents")
    RELEASE_PUBLISHED = ("release.published", "number", "channels")
    RELEASE_FAILED = ("release.failed", "number", "error")
    ROLLED_BACK = ("release.rolled_back", "number", "to", "reason")
    TAKEN_DOWN = ("release.taken_down", "title", "reason")
    TAKE_DOWN_LIFTED = ("release.take_down_lifted", "title", "reason")
    OBJECT_SKIPPED = ("release.object_skipped", "title", "submission")

    POINTERS_RENEWED = ("release.pointers_renewed", "number", "channels")

    # boxes
    BOX_BOUND = ("box.bound", "serial", "model", "group", "how")
    BOX_TOKEN_ISSUED = ("box.token_issued", "serial")
    BOX_SERIAL_CLAIMED = ("box.serial_claimed", "serial")
    BOX_WAITING = ("box.waiting", "serial", "model")
    BOX_REJECTED = ("box.rejected", "serial", "model")
    BOX_UNBOUND = ("box.unbound", "serial", "reason")
    BOX_STOLEN = ("box.stolen", "serial", "group", "reason")
    BOX_REPLACED = ("box.replaced", "serial", "successor")
    BOX_NAMED = ("box.named", "serial", "name")
    BOXES_MOVED = ("box.moved", "count", "group")
    BOXES_FELL_SILENT = ("box.fell_silent", "count")
    BOXES_CAME_BACK = ("box.came_back", "count")
    BOX_ALERTS_SET = ("box.alerts_set", "after_minutes", "roles")
    BOXES_COMMANDED = ("box.commanded", "command", "count")
    BOX_REQUESTS_FORGOTTEN = ("box.requests_forgotten", "count")
    BOX_COMMANDS_FORGOTTEN = ("box.commands_forgotten", "count")
    BOX_TOKENS_FORGOTTEN = ("box.tokens_forgotten", "count")

    # messages
    NOTICES_READ = ("notice.read", "count")

    # the log itself
    AUDIT_EXPORTED = ("audit.exported", "format", "filters", "count", "up_to", "personal")

    CHECKPOINT_MAILED = ("audit.checkpoint_mailed", "up_to", "count")

    # reports
    LIST_EXPORTED = ("report.list_exported", "list", "count", "filters")
    REPORT_EXPORTED = ("report.exported", "report", "month", "province_code", "count")

    # system
    DATABASE_CREATED = ("system.database_created", "demo")
    JOB_RETRIED = ("system.job_retried", "kind", "attempts")
    KEY_ROTATED = ("system.key_rotated", "former")
    AUDIT_KEY_ROTATED = ("system.audit_key_rotated", "key", "former")
    KEY_RETIRED = ("system.key_retired", "key")
    VALUES_RESEALED = ("system.values_resealed", "column", "count")
    SEAL_BROKEN = ("system.seal_broken", "column", "reason")
    CONTENT_ALTERED = ("system.content_altered", "sha256")
    ROOT_KEY_MADE = ("system.root_key_made", "key")
    ROOT_KEY_REPLACED = ("system.root_key_replaced", "key", "before")
    RELEASE_KEY_MADE = ("system.release_key_made", "key", "kind")
    RELEASE_KEY_REVOKED = ("system.release_key_revoked", "key", "reason")
    KEY_LIST_ISSUED = ("system.key_list_issued", "number", "key")
    BACKUP_MADE = ("system.backup_made", "made_at")
    BACKUP_RESTORED = ("system.backup_restored", "made_at", "sessions", "codes")
    REMINDER_SENT = ("system.reminder_sent", "kind", "due_on")
