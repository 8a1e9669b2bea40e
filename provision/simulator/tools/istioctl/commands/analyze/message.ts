import type { Analyzed } from './world.ts';

export type Level = 'Error' | 'Warning' | 'Info';

/** One finding (Istio's page "Analyzer Messages"). */
export interface Message {
  readonly level: Level;
  readonly code: string;
  readonly about: Analyzed;
  readonly text: string;
}

/** Worst first. */
export const LEVELS: readonly Level[] = ['Error', 'Warning', 'Info'];

/** Where to read about causes, said once at the end. */
export const ANALYSIS_PAGE = 'https://istio.io/v1.30/docs/reference/config/analysis';

/** The page that explains the code. */
export function documentationUrl({ code }: Message): string {
  return `${ANALYSIS_PAGE}/${code.toLowerCase()}/`;
}

/** `Warning [IST0103] (Pod default/x) …`. */
export function messageLine({ level, code, about, text }: Message): string {
  const file = about.file === undefined ? '' : ` ${about.file}`;
  return `${level} [${code}] (${about.kind} ${fullNameOf(about)}${file}) ${text}`;
}

/** `default/reviews`, or the bare name of what has no namespace. */
export function fullNameOf({ kind, namespace, name }: Analyzed): string {
  return kind === 'Namespace' ? name : `${namespace}/${name}`;
}

/** Errors first, then by code and name, as istioctl lists them. */
export function sorted(messages: readonly Message[]): readonly Message[] {
  const key = (message: Message) =>
    `${LEVELS.indexOf(message.level)} ${message.code} ${fullNameOf(message.about)} ${message.text}`;
  return messages.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
