import { CommandError, type Invocation } from '../../cli/command.ts';
import { isKnownCode } from './levels.ts';
import { originOf, type Message } from './message.ts';
import type { Subjects } from './subjects.ts';

const ANNOTATION = 'galley.istio.io/analyze-suppress';

interface Rule {
  readonly code: string;
  /** `Pod *.default` */
  readonly pattern: string;
}

/**
 * Which messages are wanted: those of the namespace, without what `-S` or an object's own annotation suppresses.
 * @throws CommandError for a `-S` without or with several `=`
 */
export function filterOf(
  invocation: Invocation,
): (message: Message, subjects: Subjects) => boolean {
  const rules = rulesOf(invocation);
  return (message, { namespace }) =>
    isAbout(message, namespace) &&
    !isSuppressedByItself(message) &&
    !rules.some((rule) => isSuppressedBy(rule, message));
}

/** Says on standard error which of the codes that `-S` names do not exist. */
export function warnOfUnknownCodes(invocation: Invocation): void {
  for (const { code } of rulesOf(invocation)) {
    if (isKnownCode(code)) continue;
    invocation.context.terminal.stderr(
      `Warning: Supplied message code '${code}' is an unknown message code and will not have any effect.\n`,
    );
  }
}

function rulesOf({ flags }: Invocation): readonly Rule[] {
  return flags.list('suppress').map((typed) => {
    const [code = '', pattern = '', ...more] = typed.split('=');
    if (!typed.includes('=') || more.length > 0) {
      throw new CommandError(
        `${typed} is not a valid suppression value. See istioctl analyze --help`,
      );
    }
    return { code, pattern };
  });
}

function isAbout({ about }: Message, namespace: string | undefined): boolean {
  const own = about.kind === 'Namespace' ? about.name : about.namespace;
  return namespace === undefined || own === '' || own === namespace;
}

function isSuppressedByItself({ code, about }: Message): boolean {
  const codes = (about.annotations[ANNOTATION] ?? '').split(',');
  return codes.includes(code) || codes.includes('*');
}

/** istioctl documents `Pod name.namespace`; its messages write `Pod namespace/name`. Both are taken. */
function isSuppressedBy({ code, pattern }: Rule, message: Message): boolean {
  if (code !== message.code) return false;
  const { objectKind, name, namespace } = message.about;
  return (
    fits(pattern, originOf(message)) ||
    fits(pattern, namespace === '' ? `${objectKind} ${name}` : `${objectKind} ${name}.${namespace}`)
  );
}

/** Whether a text fits a pattern in which `*` stands for anything. */
function fits(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let place = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, place);
    if (found < 0) return false;
    place = found + part.length;
  }
  return text.length - last.length >= place && text.endsWith(last);
}
