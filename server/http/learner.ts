import { randomBytes } from 'node:crypto';

import { parse, serialize } from 'cookie';
import type { Request, Response } from 'express';

import { Allowance } from '../allowance.ts';
import { NEW_LEARNER_RATE, REQUEST_RATE } from '../limits.ts';
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

/** Knows who asks, makes learners of newcomers, and refuses those who come too often. */
export class LearnerDesk {
  readonly #store: Store;
  readonly #requests = new Allowance(REQUEST_RATE);
  readonly #newcomers = new Allowance(NEW_LEARNER_RATE);

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * Id of the learner who asks; a browser without one gets one, as a cookie.
   * @throws Problem `too-many-requests`
   */
  async admit(request: Request, response: Response): Promise<string> {
    const known = await knownLearner(request.headers.cookie, this.#store);
    if (known !== undefined) {
      this.#requests.spend(known);
      return known;
    }
    this.#newcomers.spend(request.socket.remoteAddress ?? '');
    const id = randomBytes(16).toString('base64url');
    await this.#store.addLearner(id);
    response.append('Set-Cookie', cookieOf(id, request.secure));
    return id;
  }
}

function cookieOf(id: string, isSecure: boolean): string {
  return serialize(COOKIE, id, {
    httpOnly: true,
    sameSite: 'strict',
    secure: isSecure,
    path: '/',
    maxAge: YEAR_S,
  });
}
