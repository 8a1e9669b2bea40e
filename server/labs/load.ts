import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { LOCALES } from '#protocol';

import { readLocalFile } from './files.ts';
import { parseIndex } from './index-json.ts';
import type { Lab, LabProblem } from './lab.ts';

export interface LoadedLabs {
  /** In course order: as structure.json lists them, else by folder name. */
  readonly labs: readonly Lab[];
  readonly problems: readonly LabProblem[];
}

/**
 * Reads every lab of a folder. A broken one is left out and named among the problems; the others open.
 * @throws Error when the folder itself cannot be read
 */
export async function loadLabs(
  folder: string,
  knownVerifiers: ReadonlySet<string>,
): Promise<LoadedLabs> {
  const found = await Promise.all(
    (await labFolders(folder)).map((id) => loadLab(folder, id, knownVerifiers)),
  );
  return {
    labs: found.flatMap(({ lab }) => lab ?? []),
    problems: found.flatMap(({ problems }) => problems),
  };
}

async function labFolders(folder: string): Promise<readonly string[]> {
  const listed = await structureOf(folder);
  if (listed) return listed;
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name))
    .map((entry) => entry.name)
    .toSorted();
}

/** Killercoda's course file: its order is the order shown. */
async function structureOf(folder: string): Promise<readonly string[] | undefined> {
  const text = await readFile(path.join(folder, 'structure.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('items' in parsed)) return undefined;
    const items: unknown = parsed.items;
    if (!Array.isArray(items)) return undefined;
    return items.flatMap((item: unknown) =>
      typeof item === 'object' && item !== null && 'path' in item && typeof item.path === 'string'
        ? [item.path]
        : [],
    );
  } catch {
    return undefined;
  }
}

async function loadLab(
  labsFolder: string,
  id: string,
  knownVerifiers: ReadonlySet<string>,
): Promise<{ lab?: Lab; problems: LabProblem[] }> {
  const folder = path.join(labsFolder, id);
  const file = `${id}/index.json`;
  const text = await readFile(path.join(folder, 'index.json'), 'utf8').catch(() => undefined);
  if (text === undefined) {
    return {
      problems: [{ file, line: 1, message: 'The lab has no index.json', severity: 'error' }],
    };
  }
  const parsed = parseIndex(text, knownVerifiers);
  const problems: LabProblem[] = parsed.problems.map((problem) => ({ file, ...problem }));
  if (!parsed.lab) return { problems };
  const lab: Lab = { ...parsed.lab, id, folder };
  problems.push(...(await missingTexts(lab, text)));
  return problems.some(({ severity }) => severity === 'error') ? { problems } : { lab, problems };
}

/** A text without its English file is an error; one without a translation a warning. */
async function missingTexts(lab: Lab, indexText: string): Promise<LabProblem[]> {
  const problems: LabProblem[] = [];
  for (const name of textNames(lab)) {
    const line = lineOf(indexText, name);
    for (const locale of LOCALES) {
      const found = await readLocalFile(lab, name, locale);
      if (found?.locale === locale) continue;
      const isError = locale === 'en';
      problems.push({
        file: `${lab.id}/index.json`,
        line,
        message: isError ? `"${name}" does not exist` : `"${name}" has no ${locale} text`,
        severity: isError ? 'error' : 'warning',
      });
      if (isError) break;
    }
  }
  return problems;
}

/** Every Markdown file a lab names. */
export function textNames(lab: Lab): readonly string[] {
  const pages = [lab.intro, ...lab.steps, lab.finish].flatMap((page) => page?.text ?? []);
  const extras = lab.steps.flatMap((step) =>
    [step.hint, step.answer].filter((name) => name !== undefined),
  );
  return [...new Set([...pages, ...extras])];
}

function lineOf(text: string, name: string): number {
  const at = text.indexOf(JSON.stringify(name));
  return at < 0 ? 1 : text.slice(0, at).split('\n').length;
}
