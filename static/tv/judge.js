// Whether a pointer may be followed. Pure; rejecting one means that what shows goes on showing.

const DIGEST = /^[0-9a-f]{64}$/;

/** Null for a pointer to follow, else the fault that a box reports; `kept` is the pointer followed before, or null. */
export function fault(pointer, kept, { channel, now }) {
  if (!isPointer(pointer)) return "bad_pointer";
  if (pointer.channel !== channel || (kept && kept.enterprise_id !== pointer.enterprise_id)) return "conflicting_pointer";
  if (kept && pointer.sequence < kept.sequence) return "old_sequence";
  if (kept && pointer.sequence === kept.sequence && pointer.release !== kept.release) return "conflicting_pointer";
  if (now > new Date(pointer.valid_until)) return "expired_pointer";
  return null;
}

function isPointer(pointer) {
  return (
    pointer?.schema === "pointer/1" &&
    Number.isSafeInteger(pointer.sequence) &&
    DIGEST.test(pointer.release) &&
    typeof pointer.url === "string" &&
    Number.isSafeInteger(pointer.bytes) &&
    !Number.isNaN(Date.parse(pointer.valid_until))
  );
}
