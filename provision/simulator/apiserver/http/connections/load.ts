import type { ServerResponse } from 'node:http';

import { ApiError } from '../../../client/api-error.ts';
import { LONG_RUNNING_LIMIT, REQUESTS_IN_FLIGHT_LIMIT } from '../../limits.ts';
import type { RequestInfo } from '../requests/request-info.ts';

/** Parts of objects whose requests last as long as the client likes, as upstream's long-running requests do. */
const LASTING_PARTS = new Set(['log', 'proxy', 'exec', 'attach', 'portforward']);

/** The requests of one cluster that are being answered. */
export class Load {
  #short = 0;
  #long = 0;

  /**
   * Counts a request until its answer is out or its client gone.
   * @throws ApiError 429 with Retry-After when too many are under way; clients try again by themselves
   */
  admit(info: RequestInfo, response: ServerResponse): void {
    if (isLasting(info)) {
      if (this.#long >= LONG_RUNNING_LIMIT) throw tooMany();
      this.#long++;
      response.on('close', () => this.#long--);
      return;
    }
    if (this.#short >= REQUESTS_IN_FLIGHT_LIMIT) throw tooMany();
    this.#short++;
    response.on('close', () => this.#short--);
  }
}

function isLasting(info: RequestInfo): boolean {
  return info.type === 'resource' && (info.verb === 'watch' || LASTING_PARTS.has(info.subresource));
}

function tooMany(): ApiError {
  const message = 'Too many requests, please try again later.';
  return new ApiError(429, 'TooManyRequests', message, { retryAfterSeconds: 1 });
}
