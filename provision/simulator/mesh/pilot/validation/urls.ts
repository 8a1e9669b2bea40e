/** Addresses of things as Go's net/url reads them. */
import { hasControlCharacter, quote } from './names.ts';

/** The scheme in lower case; empty when there is none. */
export function urlScheme(text: string): string {
  return /^([a-zA-Z][-+.a-zA-Z0-9]*):/.exec(text)?.[1]?.toLowerCase() ?? '';
}

/** What is wrong with an address, as far as learners get it wrong: its port, or characters that no address has. */
export function urlProblem(text: string): string | undefined {
  const say = (what: string) => `parse ${quote(text)}: ${what}`;
  if (hasControlCharacter(text)) return say('net/url: invalid control character in URL');
  const port = /^[^/?#]*\/\/(?:\[[^\]]*\]|[^/?#:]*)(:[^/?#]*)/.exec(text)?.[1] ?? ':';
  return /^:\d*$/.test(port) || text.includes('@')
    ? undefined
    : say(`invalid port ${quote(port)} after host`);
}
