import { readFileSync } from 'node:fs';

import type { HttpResponse } from '../../net/http.ts';
import { ISTIO_VERSION } from '../../versions.ts';
import { content, type Visit } from './site.ts';

const RELEASE = new URL(`../../tools/samples/istio-${ISTIO_VERSION}/`, import.meta.url);

/** Files of Istio's repository, whatever its branch: those of our release, the tokens of the security tasks among them. */
export function rawFile({ request }: Visit): HttpResponse {
  const [, path = ''] = /^\/istio\/istio\/[^/]+\/([^?#]*)/.exec(request.path) ?? [];
  const text = released(path);
  return text === undefined ? content(404, PLAIN, '404: Not Found') : content(200, PLAIN, text);
}

const PLAIN = 'text/plain; charset=utf-8';

function released(path: string): string | undefined {
  // Names as the release's are, so that none leads out of its folder.
  if (!/^(samples|security)(\/[\w-]+(\.[\w-]+)*)+$/.test(path)) return undefined;
  try {
    return readFileSync(new URL(path, RELEASE), 'utf8');
  } catch {
    // A file that is not there, or a folder.
    return undefined;
  }
}
