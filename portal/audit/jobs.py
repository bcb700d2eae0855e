"""Background work of the log: checkpoints, as the log grows."""

from portal.audit import checkpoints
from portal.core.jobs import every


@every(20)
def keep_checkpoints() -> int:
    """This function will take a checkpoint where one is due, hand out what was not yet, and return how many those were."""
    if checkpoints.is_due():
        checkpoints.take_checkpoint()
        return 1
    return checkpoints.hand_out()
