import { LEVELS, levelOf } from './levels.ts';
import type { Analyzed } from './world.ts';

/** One finding (Istio's page "Analyzer Messages"). */
export interface Message {
  readonly code: string;
  readonly about: Analyzed;
  readonly text: string;
  /** Path of the field at fault, to say its line in a file: `.spec.hosts[0]`. */
  readonly field?: string;
}

/** Where to read about causes, said once at the end. */
export const ANALYSIS_PAGE = 'https://istio.io/v1.30/docs/reference/config/analysis';

/** The page that explains the code. */
export function documentationUrl({ code }: Message): string {
  return `${ANALYSIS_PAGE}/${code.toLowerCase()}/?ref=istioctl-analyze`;
}

/** `Pod default/x`. */
export function originOf({ about }: Message): string {
  return `${about.objectKind} ${fullNameOf(about)}`;
}

/** `file.yaml:12`, for what came from a file; JSON has no lines. */
export function referenceOf({ about, field }: Message): string | undefined {
  const { source } = about;
  if (!source) return undefined;
  if (source.file.endsWith('.json')) return source.file;
  const line = field === undefined ? undefined : source.lines.get(field);
  return `${source.file}:${line ?? source.line}`;
}

/** `default/reviews`, or the bare name of what has no namespace. */
function fullNameOf({ namespace, name }: Analyzed): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** Everything but the level: ` [IST0103] (Pod default/x) …`. */
export function restOfLine(message: Message): string {
  const reference = referenceOf(message);
  const origin = `${originOf(message)}${reference === undefined ? '' : ` ${reference}`}`;
  return ` [${message.code}] (${origin}) ${message.text}`;
}

/** Errors first, then by code, kind, name and namespace, as istioctl lists them; what is said twice is said once. */
export function sorted(messages: readonly Message[]): readonly Message[] {
  const keyed = new Map(messages.map((message) => [sortKey(message), message]));
  return [...keyed]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, message]) => message);
}

function sortKey(message: Message): string {
  const { code, about } = message;
  const comparator = `${about.objectKind}/${about.name}/${about.namespace}`;
  return [LEVELS.indexOf(levelOf(code)), code, comparator, restOfLine(message)].join('\u0000');
}
