// Files under way, kept in this browser until the portal has them, so that leaving a page takes no upload along. Each belongs to one person in
// one enterprise: whoever else works here finds none, and signing out forgets them all. A file that the browser has no room for is asked for again.

const NAME = "zone-uploads";
const REST = 48 * 3600 * 1000; // as long as the portal keeps what has arrived of one
const STORES = ["uploads", "files"]; // what is known of each, which changes; its bytes, which do not

let opening = null;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.addEventListener("upgradeneeded", () => STORES.forEach((name) => asked.result.createObjectStore(name)));
    asked.addEventListener("success", () => resolve(asked.result));
    asked.addEventListener("error", () => reject(asked.error));
  });
  return opening;
}

/** Does `act` in a transaction and answers what its request found, or `otherwise` where the browser keeps nothing. */
async function within(mode, otherwise, act) {
  try {
    const transaction = (await database()).transaction(STORES, mode);
    const found = act(...STORES.map((name) => transaction.objectStore(name)));
    await new Promise((resolve, reject) => {
      transaction.addEventListener("complete", resolve);
      for (const type of ["abort", "error"]) transaction.addEventListener(type, () => reject(transaction.error));
    });
    return found?.result;
  } catch {
    return otherwise;
  }
}

/** Keeps what is known of a file, and the file itself unless it was forgotten meanwhile; says whether the browser had room for it. */
export async function keep(key, facts, file) {
  await within("readwrite", null, (uploads) => uploads.put({ ...facts, at: Date.now() }, key));
  const kept = await within("readwrite", false, (uploads, files) => {
    const asked = uploads.getKey(key);
    asked.addEventListener("success", () => asked.result && files.put(file, key));
  });
  return kept !== false;
}

/** Remembers more of a file that is kept; of one that was forgotten nothing. */
export function note(key, facts) {
  return within("readwrite", null, (uploads, files) => {
    if (facts.outcome) files.delete(key);
    const asked = uploads.get(key);
    asked.addEventListener("success", () => asked.result && uploads.put({ ...asked.result, ...facts }, key));
  });
}

export function forget(key) {
  return within("readwrite", null, (...stores) => stores.forEach((store) => store.delete(key)));
}

export function forgetAll() {
  return within("readwrite", null, (...stores) => stores.forEach((store) => store.clear()));
}

/** What is known of a file and the file, null where either is gone. */
export async function find(key) {
  const facts = await within("readonly", null, (uploads) => uploads.get(key));
  return { facts: facts ?? null, file: facts && !facts.outcome ? ((await within("readonly", null, (uploads, files) => files.get(key))) ?? null) : null };
}

/** The keys and facts of a person's files in an enterprise, the oldest first. What is another person's, or too old, is forgotten. */
export async function keptOf(person, space) {
  const keys = (await within("readonly", [], (uploads) => uploads.getAllKeys())) ?? [];
  const all = (await within("readonly", [], (uploads) => uploads.getAll())) ?? [];
  const found = keys.map((key, index) => ({ key, ...all[index] })).filter((one) => one.at !== undefined);
  const stale = found.filter((one) => one.person !== person || one.at < Date.now() - REST);
  for (const one of stale) forget(one.key);
  return found.filter((one) => !stale.includes(one) && one.space === space).sort((one, other) => one.at - other.at || one.turn - other.turn);
}
