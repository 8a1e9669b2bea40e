import type { HttpHeaders } from '../../../net/http.ts';

/** Who is signed in, by the cookie that signing in has set; there is no password to check. */
export function userOf(headers: HttpHeaders): string | undefined {
  const cookie = /(?:^|;\s*)session=([^;]*)/.exec(headers.get('cookie') ?? '')?.[1];
  if (!cookie) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8'));
    const isNamed = typeof value === 'object' && value !== null && 'user' in value;
    return isNamed && typeof value.user === 'string' ? value.user : undefined;
  } catch {
    return undefined;
  }
}

/** The cookie that signs a user in, or out when there is none. */
export function sessionCookie(user: string | undefined): string {
  if (user === undefined) {
    return 'session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Path=/';
  }
  const value = Buffer.from(JSON.stringify({ user })).toString('base64url');
  return `session=${value}; HttpOnly; Path=/`;
}
