const MASK = (1n << 64n) - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const STRIPE_BYTES = 32;

/** The hash that Envoy places keys and endpoints by (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, XXH64). */
export function xxHash64(text: string, seed = 0n): bigint {
  const bytes = Buffer.from(text);
  const stripes = Math.floor(bytes.length / STRIPE_BYTES);
  let hash = stripes > 0 ? striped(bytes, stripes, seed) : wrap(seed + P5);
  hash = wrap(hash + BigInt(bytes.length));
  let at = stripes * STRIPE_BYTES;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4);
  }
  if (at + 4 <= bytes.length) {
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes.readUInt32LE(at)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < bytes.length; at++) {
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes.readUInt8(at)) * P5), 11n) * P1);
  }
  hash = wrap((hash ^ (hash >> 33n)) * P2);
  hash = wrap((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}

function striped(bytes: Buffer, stripes: number, seed: bigint): bigint {
  let lanes = [wrap(seed + P1 + P2), wrap(seed + P2), seed, wrap(seed - P1)];
  for (let stripe = 0; stripe < stripes; stripe++) {
    const start = stripe * STRIPE_BYTES;
    lanes = lanes.map((lane, at) => round(lane, bytes.readBigUInt64LE(start + at * 8)));
  }
  const turns = [1n, 7n, 12n, 18n];
  const sum = lanes.reduce((total, lane, at) => total + rotate(lane, turns[at] ?? 0n), 0n);
  return lanes.reduce((hash, lane) => wrap((hash ^ round(0n, lane)) * P1 + P4), wrap(sum));
}

function round(lane: bigint, input: bigint): bigint {
  return wrap(rotate(wrap(lane + input * P2), 31n) * P1);
}

function rotate(value: bigint, by: bigint): bigint {
  return wrap((value << by) | (value >> (64n - by)));
}

function wrap(value: bigint): bigint {
  return value & MASK;
}
