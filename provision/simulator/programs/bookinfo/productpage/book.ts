import { isObject, jsonIn } from '../../../kinds/json.ts';
import type { Json } from '../../../kinds/object.ts';
import type { HttpHeaders, HttpResponse } from '../../../net/http.ts';
import type { ContainerContext } from '../../program.ts';
import { PORT } from '../http-service.ts';
import { callUpstream, upstreamHost } from '../upstream.ts';
import type { RequestResults } from './request-results.ts';

/** What the page asks other services of a book. */
export type BookPart = 'details' | 'reviews' | 'ratings';

/** A part of a book: its JSON with status 200, or `{"error": …}` with the status that stood in the way. */
export interface PartResult {
  readonly status: number;
  readonly value: Json;
}

const TIMEOUT_MS = 3_000;

/** Reviews get a second try: with a ratings service that takes 7 s, that is what the lesson on faults shows. */
const TRIES = { details: 1, reviews: 2, ratings: 1 };

/** Asks the other services; makes a new connection each time, so that load balancing shows. */
export class Book {
  readonly #context: ContainerContext;
  readonly #results: RequestResults;

  constructor(context: ContainerContext, results: RequestResults) {
    this.#context = context;
    this.#results = results;
  }

  /** Never rejects: whatever goes wrong is in the result. */
  async ask(part: BookPart, id: string, headers: HttpHeaders): Promise<PartResult> {
    let status = 500;
    for (let tries = TRIES[part]; tries > 0; tries--) {
      const response = await this.#get(part, id, headers);
      const value = response?.status === 200 ? parse(response.body) : undefined;
      if (value !== undefined) {
        this.#results.count(part, 200);
        return { status: 200, value };
      }
      status = response && response.status !== 200 ? response.status : 500;
    }
    this.#results.count(part, status);
    const error = `Sorry, product ${part} are currently unavailable for this book.`;
    return { status, value: { error } };
  }

  async #get(
    service: BookPart,
    id: string,
    headers: HttpHeaders,
  ): Promise<HttpResponse | undefined> {
    const { env, log } = this.#context;
    const address = `${upstreamHost(env, service)}:${PORT}`;
    const path = `/${service}/${id}`;
    log(`DEBUG:urllib3.connectionpool:Starting new HTTP connection (1): ${address}`);
    const response = await callUpstream(this.#context, {
      service,
      path,
      headers: headers.clone(),
      timeoutMs: TIMEOUT_MS,
    });
    if (response) {
      const { status, body } = response;
      log(
        `DEBUG:urllib3.connectionpool:http://${address} "GET ${path} HTTP/1.1" ${status} ${body.length}`,
      );
    }
    return response;
  }
}

function parse(body: Uint8Array): Json | undefined {
  const value = jsonIn(Buffer.from(body).toString('utf8'));
  return isObject(value) ? value : undefined;
}
