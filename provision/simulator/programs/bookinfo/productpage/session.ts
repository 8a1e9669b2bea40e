import type { HttpRequest } from '../../../net/http.ts';

/** Longer names are cut, so that the cookie stays within what browsers keep. */
const NAME_LIMIT_CHARS = 200;

/** Who signed in, by the `session` cookie; undefined when nobody has. */
export function signedInUser({ headers }: HttpRequest): string | undefined {
  const value = /(?:^|;\s*)session=([\w-]+)/.exec(headers.get('cookie') ?? '')?.[1];

  return value === undefined ? undefined : clean(Buffer.from(value, 'base64url').toString('utf8'));
}

/** The user name of a sign-in form; undefined when it is empty. */
export function userNameIn({ body, path }: HttpRequest): string | undefined {
  const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
  const query = new URLSearchParams(path.slice(path.indexOf('?') + 1));
  return clean(form.get('username') ?? query.get('username') ?? '');
}

/** `Set-Cookie` of a sign-in. It is not signed: anybody may sign in as anybody here. */
export function sessionCookie(user: string): string {
  return `session=${Buffer.from(user).toString('base64url')}; HttpOnly; Path=/`;
}

/** `Set-Cookie` of a sign-out. */
export const ENDED_SESSION =
  'session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/';

/** The name goes into a header, where control characters have no place. */
function clean(name: string): string | undefined {
  const cleaned = name
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
    .slice(0, NAME_LIMIT_CHARS);
  return cleaned === '' ? undefined : cleaned;
}
