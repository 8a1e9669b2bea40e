import { randomBytes } from 'node:crypto';

import { parse, serialize } from 'cookie';

import type { Store } from '../store/store.ts';

const COOKIE = 'regatta_learner';
const YEAR_S = 365 * 24 * 3600;

/** The learner id in a Cookie header, if it is one this store knows. */
export async function knownLearner(
  cookieHeader: string | undefined,
  store: Store,
): Promise<string | undefined> {
  const id = parse(cookieHeader ?? '')[COOKIE];
  return id !== undefined && (await store.hasLearner(id)) ? id : undefined;
}

/** Makes a learner and the Set-Cookie header that lets the browser come back as them. */
export async function newLearner(
  store: Store,
  isSecure: boolean,
): Promise<{ readonly id: string; readonly setCookie: string }> {
  const id = randomBytes(16).toString('base64url');
  await store.addLearner(id);
  const setCookie = serialize(COOKIE, id, {
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    path: '/',
    maxAge: YEAR_S,
  });
  return { id, setCookie };
}
