/** Labels by which a namespace chooses its Pod Security Standards (Kubernetes documentation, "Pod Security Admission"). */
import type { FieldError } from '../../../kinds/kind.ts';
import type { Labels } from '../../../kinds/object.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

/** A standard as it was in one version: the minor of 1.x, or infinity for `latest`. */
export interface Standard {
  readonly level: Level;
  readonly minor: number;
}

/** What happens to pods outside of each standard. */
export interface Policy {
  readonly enforce: Standard;
  readonly audit: Standard;
  readonly warn: Standard;
}

const PREFIX = 'pod-security.kubernetes.io/';
const LEVELS: readonly Level[] = ['privileged', 'baseline', 'restricted'];
const OPEN: Standard = { level: 'privileged', minor: Infinity };

/** The policy of a namespace, and which of its labels say nothing; those count as the strictest or, for a mere warning, the mildest. */
export function readPolicy(labels: Labels = {}): {
  readonly policy: Policy;
  readonly errors: readonly FieldError[];
} {
  const errors: FieldError[] = [];
  const read = (mode: keyof Policy, fallback: Level): Standard => {
    const level = readLevel(labels[`${PREFIX}${mode}`]);
    const minor = readMinor(labels[`${PREFIX}${mode}-version`]);
    if (level === undefined) {
      errors.push(wrong(labels, mode, `must be one of ${LEVELS.join(', ')}`));
    }
    if (minor === undefined) {
      errors.push(wrong(labels, `${mode}-version`, 'must be "latest" or "v1.x"'));
    }
    return { level: level ?? fallback, minor: minor ?? Infinity };
  };
  const enforce = read('enforce', 'restricted');
  const audit = read('audit', 'privileged');
  const warn = read('warn', 'privileged');
  return { policy: { enforce, audit, warn: impliedWarning(labels, enforce, warn) }, errors };
}

/** `restricted:latest`, `baseline:v1.25`. */
export function standardText({ level, minor }: Standard): string {
  return `${level}:${minor === Infinity ? 'latest' : `v1.${minor}`}`;
}

export function isSameStandard(left: Standard, right: Standard): boolean {
  return left.level === right.level && left.minor === right.minor;
}

/** Negative, 0 or positive, as the first level is milder than, as strict as, or stricter than the second. */
export function compareLevels(left: Level, right: Level): number {
  return LEVELS.indexOf(left) - LEVELS.indexOf(right);
}

/** Who enforces a standard is warned by it as well, unless the labels say otherwise. */
function impliedWarning(labels: Labels, enforce: Standard, warn: Standard): Standard {
  const isEnforced = LEVELS.some((level) => level === labels[`${PREFIX}enforce`]);
  const isChosen = labels[`${PREFIX}warn`] !== undefined;
  if (isChosen || !isEnforced || compareLevels(enforce.level, warn.level) <= 0) return warn;
  const hasVersion = labels[`${PREFIX}warn-version`] !== undefined;
  return { level: enforce.level, minor: hasVersion ? warn.minor : enforce.minor };
}

function readLevel(text: string | undefined): Level | undefined {
  if (text === undefined) return OPEN.level;
  return LEVELS.find((level) => level === text);
}

function readMinor(text: string | undefined): number | undefined {
  if (text === undefined || text === 'latest') return Infinity;
  const minor = /^v1\.(\d|[1-9]\d*)$/.exec(text)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

function wrong(labels: Labels, label: string, detail: string): FieldError {
  const value = JSON.stringify(labels[`${PREFIX}${label}`] ?? '');
  return {
    field: `metadata.labels[${PREFIX}${label}]`,
    type: 'Invalid',
    message: `Invalid value: ${value}: ${detail}`,
  };
}
