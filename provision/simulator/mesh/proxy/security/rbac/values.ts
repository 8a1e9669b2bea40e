import { compilePattern } from '../../../../pattern.ts';
import { compileString } from '../../http/match.ts';

/** Whether a text fits. */
export type TextTest = (text: string) => boolean;

/** A value as policies have it: exact, `prefix*`, `*suffix`, or `*` for anything that is there and not empty. */
export function textTest(value: string): TextTest {
  if (value === '*') return (text) => text !== '';
  if (value.startsWith('*')) {
    const suffix = value.slice(1);
    return (text) => text.endsWith(suffix);
  }
  if (value.endsWith('*')) {
    const prefix = value.slice(0, -1);
    return (text) => text.startsWith(prefix);
  }
  return (text) => text === value;
}

/** The same for the authority of a request, whose case does not matter. */
export function hostTest(value: string): TextTest {
  const test = textTest(value.toLowerCase());
  return (text) => test(text.toLowerCase());
}

/** A principal without `spiffe://`, which certificates have and policies leave out. */
export function principalTest(value: string): TextTest {
  if (value === '*') return (id) => id !== '';
  const test = textTest(value);
  return (id) => id.startsWith(SPIFFE) && test(id.slice(SPIFFE.length));
}

/** A namespace, in which `*` stands for anything anywhere. */
export function namespaceTest(value: string): TextTest {
  return compileString({ regex: `.*/ns/${value.replaceAll('*', '.*')}/.*` });
}

/** `namespace/name` of a service account, or a name in the policy's own namespace. */
export function serviceAccountTest(value: string, policyNamespace: string): TextTest {
  const at = value.indexOf('/');
  const [namespace, name] =
    at < 0 ? [policyNamespace, value] : [value.slice(0, at), value.slice(at + 1)];
  return compileString({ regex: `spiffe://.+/ns/${namespace}/(.+/|)sa/${name}(/.+)?` });
}

/** A trust domain: what stands between `spiffe://` and the next `/`. */
export function trustDomainTest(value: string): TextTest {
  const test = textTest(value);
  return (id) => id.startsWith(SPIFFE) && test(id.slice(SPIFFE.length).split('/')[0] ?? '');
}

/**
 * A path, or a template of one: `{*}` stands for one segment, `{**}` for any number
 * (https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation).
 */
export function pathTest(value: string): TextTest {
  if (!value.includes('{*}') && !value.includes('{**}')) return textTest(value);
  const expression = value
    .split(/(\{\*{1,2}\})/)
    .map((part) => TEMPLATES[part] ?? quoted(part))
    .join('');
  return compilePattern(expression).isWhole;
}

/** Issuer and subject of a token, both of which have to fit, from a value such as `issuer/subject`, `issuer/*` or `*`. */
export function requestPrincipalTests(value: string): { issuer: TextTest; subject: TextTest } {
  // An issuer may be a URL, so that the last slash is the one before the subject.
  const at = value.lastIndexOf('/');
  const any = textTest('*');
  if (value === '*') return { issuer: any, subject: any };
  if (at < 0) {
    if (value.startsWith('*')) return { issuer: any, subject: textTest(value) };
    if (value.endsWith('*')) return { issuer: textTest(value), subject: any };
    return { issuer: textTest(value), subject: (text) => text === '' };
  }
  const [issuer, subject] = [value.slice(0, at), value.slice(at + 1)];
  // One star counts: that in front, else that at the end.
  return value.startsWith('*')
    ? { issuer: textTest(issuer), subject: exactly(subject) }
    : { issuer: exactly(issuer), subject: textTest(subject) };
}

const SPIFFE = 'spiffe://';

/** Characters of a segment, as Envoy's templates of paths have them. */
const SEGMENT = `a-zA-Z0-9\\-._~%!$&'()+,;:@=`;
const TEMPLATES: Readonly<Record<string, string>> = {
  '{*}': `[${SEGMENT}]+`,
  '{**}': `[${SEGMENT}/]*`,
};

function exactly(wanted: string): TextTest {
  return (text) => text === wanted;
}

function quoted(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
