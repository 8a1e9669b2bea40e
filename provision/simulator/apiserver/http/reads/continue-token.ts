import { badRequest } from '../../errors.ts';
/** Tokens for the rest of a list, in upstream's form (apiserver, pkg/storage/continue.go). */
import { isObject, numberAt, stringAt } from '../../objects/json.ts';

/** Where a list goes on. */
export interface Continuation {
  /** The state that the list shows; -1 for whatever is newest. */
  readonly revision: number;
  /** Key of the first item that may follow: `default/web` and a byte below all others. */
  readonly start: string;
}

const VERSION = 'meta.k8s.io/v1';

export function writeContinue({ revision, start }: Continuation): string {
  const token = { v: VERSION, rv: revision, start };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/**
 * Reads a token.
 * @throws ApiError 400 for what no server wrote
 */
export function readContinue(token: string): Continuation {
  const illegal = /[^\w-]/.exec(token);
  if (illegal)
    throw refused(`continue key is not valid: illegal base64 data at input byte ${illegal.index}`);
  const value = parse(Buffer.from(token, 'base64url').toString('utf8'));
  if (!value) throw refused('continue key is not valid: invalid character in token');
  const version = stringAt(value, 'v') ?? '';
  if (version !== VERSION) {
    throw refused(
      `continue key is not valid: server does not recognize this encoded version ${version}`,
    );
  }
  const revision = numberAt(value, 'rv') ?? 0;
  const start = stringAt(value, 'start') ?? '';
  if (revision === 0) {
    throw refused(
      'continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
    );
  }
  if (start === '') {
    throw refused('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  }
  if (start.split('/').some((part) => part === '..' || part === '.')) {
    throw refused(`continue key is not valid: ${start}`);
  }
  return { revision, start };
}

function refused(why: string) {
  return badRequest(`invalid continue token: ${why}`);
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
