// Proof that bytes are what they claim: hashes, and the signatures of pointers and key sets (RFC 7515, general JSON serialization).

/** The SHA-256 of bytes as 64 hex digits. */
export async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class BadSignature extends Error {}

// The algorithms known here, and the one kind of key each is for: the key decides, never the header.
const ALGORITHMS = {
  Ed25519: { fits: (key) => key.kty === "OKP" && key.crv === "Ed25519", key: { name: "Ed25519" }, check: { name: "Ed25519" }, members: ["crv", "kty", "x"] },
  ES256: {
    fits: (key) => key.kty === "EC" && key.crv === "P-256",
    key: { name: "ECDSA", namedCurve: "P-256" },
    check: { name: "ECDSA", hash: "SHA-256" },
    members: ["crv", "kty", "x", "y"],
  },
};

/** The payload of a JWS with at least one valid signature by a key of `keys` (JWKs); every checkable signature must be good. */
export async function verified(jws, keys) {
  const signatures = Array.isArray(jws?.signatures) ? jws.signatures : [];
  const byId = new Map(await Promise.all(keys.map(async (key) => [await thumbprint(key), key])));
  let good = 0;
  for (const one of signatures) good += Number(await isGood(jws.payload, one, byId));
  if (good === 0) throw new BadSignature("no signature by a known key");
  return bytesOf(jws.payload);
}

/** True for a good signature, false for one that cannot be checked here; a bad one is thrown. */
async function isGood(payload, { protected: header, signature }, byId) {
  const { alg, kid, crit } = JSON.parse(new TextDecoder().decode(bytesOf(header)));
  const key = byId.get(kid);
  if (!key) return false;
  if (crit !== undefined) throw new BadSignature("an extension that is not known");
  const algorithm = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : null;
  if (algorithm === null || !algorithm.fits(key)) throw new BadSignature("another algorithm than the key's");
  const imported = await importKey(key, algorithm);
  if (imported === null) return false;
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  if (!(await crypto.subtle.verify(algorithm.check, imported, bytesOf(signature), signed))) throw new BadSignature("a signature that fails");
  return true;
}

/** An older browser may not know Ed25519: then its other signature counts. */
async function importKey(key, algorithm) {
  try {
    const plain = Object.fromEntries(algorithm.members.map((name) => [name, key[name]]));
    return await crypto.subtle.importKey("jwk", plain, algorithm.key, false, ["verify"]);
  } catch (reason) {
    if (reason.name === "NotSupportedError") return null;
    throw new BadSignature("not a key");
  }
}

/** The RFC 7638 thumbprint of a public key, which is its `kid`. */
export async function thumbprint(key) {
  const algorithm = Object.values(ALGORITHMS).find((one) => one.fits(key));
  if (!algorithm) return "";
  const canonical = JSON.stringify(Object.fromEntries(algorithm.members.map((name) => [name, key[name]])));
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical)));
}

/** The release keys of a signed key set: listed, not revoked, and of no lower version than the one known. */
export async function releaseKeys(jws, root, knownVersion) {
  const set = JSON.parse(new TextDecoder().decode(await verified(jws, root)));
  if (!(set.version >= knownVersion)) throw new BadSignature("an older set of keys");
  const revoked = new Set((set.revoked ?? []).map((one) => one.kid ?? one));
  const kept = [];
  for (const key of set.keys) if (!revoked.has(await thumbprint(key))) kept.push(key);
  return { keys: kept, version: set.version };
}

/** The root key that the steps of `/pub/roots.json` lead to from the pinned one: each is named by the one before, which has signed it. */
export async function followed(steps, pinned) {
  let root = pinned;
  for (const step of steps) {
    const said = await verified(step, [root]).catch(() => null);
    const told = said && JSON.parse(new TextDecoder().decode(said));
    if (told?.schema === "root/1") root = told.root; // the root key signs sets of keys too
  }
  return root;
}

export function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

export function base64url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
