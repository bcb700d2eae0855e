// What an installer types: the enterprise ID with its check digit, and a mobile number.

export const ID_DIGITS = 12;
export const PHONE_DIGITS = 11;

/** Whether 12 digits are an enterprise ID: ISO/IEC 7064 MOD 11,10, the first not 0. */
export function isEnterpriseId(digits) {
  if (!/^[1-9][0-9]{11}$/.test(digits)) return false;
  let rest = 10;
  for (const digit of digits.slice(0, -1)) {
    const sum = (rest + Number(digit)) % 10 || 10;
    rest = (sum * 2) % 11;
  }
  return (rest + Number(digits.at(-1))) % 10 === 1;
}

export function isPhone(digits) {
  return /^1[3-9][0-9]{9}$/.test(digits);
}

/** Digits in groups, as people read them: 6208 1547 3090, 138 0013 8000. */
export function grouped(digits, sizes) {
  const parts = [];
  let at = 0;
  for (const size of sizes) {
    if (at < digits.length) parts.push(digits.slice(at, at + size));
    at += size;
  }
  return parts.join(" ");
}
