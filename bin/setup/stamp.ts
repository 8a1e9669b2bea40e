import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Whether nothing among `inputs` (files and folders, relative to the root) has changed since the step last ran. */
export function unchangedSince(step: string, inputs: readonly string[]): boolean {
  try {
    return readFileSync(stampFile(step), 'utf8') === fingerprint(inputs);
  } catch {
    return false;
  }
}

export function rememberInputs(step: string, inputs: readonly string[]): void {
  mkdirSync(path.dirname(stampFile(step)), { recursive: true });
  writeFileSync(stampFile(step), fingerprint(inputs));
}

function stampFile(step: string): string {
  return path.join(ROOT, '.cache/setup', `${step}.stamp`);
}

/** Names, sizes and times: reading some hundred files would cost more of the start than it saves. */
function fingerprint(inputs: readonly string[]): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesUnder(path.join(ROOT, input))) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

function filesUnder(target: string): readonly string[] {
  const stat = statSync(target, { throwIfNoEntry: false });
  if (!stat) return [];
  if (stat.isFile()) return [target];
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
}
