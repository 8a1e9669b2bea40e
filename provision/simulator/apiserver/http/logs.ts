import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import type { KubeObject } from '../../kinds/object.ts';
import type { LogOptions } from '../../node/kubelet.ts';
import { badRequest } from '../errors.ts';
import { defaultContainer } from '../objects/containers.ts';
import type { Exchange } from './exchange.ts';
import { isTrue } from './request-info.ts';

/** Answers `pods/{name}/log`: text as it comes, until its end or until the client goes. */
export async function sendLogs(exchange: Exchange, pod: KubeObject): Promise<void> {
  const { query, response, context } = exchange;
  const container = defaultContainer(pod, query.get('container') ?? '');
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { name, namespace = '' } = pod.metadata;
  const ref = { namespace, pod: name, container };
  const lines = context.kubelet().logs(ref, readOptions(query), gone.signal);
  const iterator = lines[Symbol.asyncIterator]();
  // The first line tells whether there is a log at all, unless it may be long in coming.
  const isFollowing = isTrue(query.get('follow'));
  const first = iterator.next();
  if (isFollowing) {
    const isQuiet = await Promise.race([first.then(() => false), setImmediate(true)]);
    if (isQuiet) startText(exchange);
  }
  let { done, value } = await first;
  startText(exchange);
  while (done !== true && !gone.signal.aborted) {
    if (!response.write(value)) await drained(exchange, gone.signal);
    ({ done, value } = await iterator.next());
  }
  response.end();
}

function startText({ response }: Exchange): void {
  if (response.headersSent) return;
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.flushHeaders();
}

async function drained({ response }: Exchange, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch {
    // The client is gone: the signal ends the log.
  }
}

function readOptions(query: URLSearchParams): LogOptions {
  const number = (key: string) => {
    const text = query.get(key);
    if (text === null || text === '') return undefined;
    if (!/^-?\d+$/.test(text))
      throw badRequest(`${key}: Invalid value: ${JSON.stringify(text)}: must be a number`);
    return Number(text);
  };
  const tailLines = number('tailLines');
  const sinceSeconds = number('sinceSeconds');
  const limitBytes = number('limitBytes');
  const sinceTime = query.get('sinceTime') ?? '';
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    ...(tailLines !== undefined && tailLines >= 0 && { tailLines }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceTime !== '' && { sinceTime }),
  };
}
