import { generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A key and what others may know of it. */
export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A new key of the curve P-256, made at once: less than a millisecond. */
export function newKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A private key as PEM, in the form that is the same for all kinds of keys (PKCS #8). */
export function pkcs8Pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
