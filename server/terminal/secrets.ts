import { randomBytes, timingSafeEqual } from 'node:crypto';

/** What a terminal shares with its learner's pages, and with its own shell. */
export interface TerminalSecrets {
  /** Shown by a page that attaches. */
  readonly token: string;
  /** In the marks that the shell puts into its output; output of other programs does not know it. */
  readonly nonce: string;
}

const BYTES = 16;

/** 128 random bits each. */
export function newSecrets(): TerminalSecrets {
  return {
    token: randomBytes(BYTES).toString('base64url'),
    nonce: randomBytes(BYTES).toString('hex'),
  };
}

/** Compares in a time that tells nothing of where the two differ. */
export function isToken(given: string, own: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(own)];
  return one.length === other.length && timingSafeEqual(one, other);
}
