import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import type { KubeObject } from '../../../kinds/object.ts';
import { defaultContainer } from '../../objects/containers.ts';
import { stringAt } from '../../objects/json.ts';
import type { Exchange } from '../exchange.ts';
import { readLogOptions } from './log-options.ts';

/** Answers `pods/{name}/log`: text as it comes, until its end or until the client goes. */
export async function sendLogs(exchange: Exchange, pod: KubeObject): Promise<void> {
  const { query, response, context } = exchange;
  const { name, namespace = '' } = pod.metadata;
  const options = readLogOptions(query, name);
  const container = defaultContainer(pod, query.get('container') ?? '');
  if ((stringAt(pod, 'spec', 'nodeName') ?? '') === '') {
    // No node has the pod yet: there is nothing to say, and nothing wrong.
    response.writeHead(204).end();
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const ref = { namespace, pod: name, container };
  const lines = context.kubelet().logs(ref, options, gone.signal);
  const iterator = lines[Symbol.asyncIterator]();
  // The first line tells whether there is a log at all, unless it may be long in coming.
  const first = iterator.next();
  if (options.follow) {
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
