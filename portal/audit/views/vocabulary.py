"""What the codes in records are called on pages: the log's own words, and those of the rooms above its floor."""

from typing import Final

from portal.access.roles import LABELS
from portal.access.words import PERMISSIONS
from portal.audit import words
from portal.audit.sentences import Vocabulary

WORDS: Final[Vocabulary] = {
    **words.VALUES,
    "role": {role.value: label for role, label in LABELS.items()},
    "permission": {permission.value: label for permission, label in PERMISSIONS.items()},
}
