import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';

import type { Locale } from '#protocol';

import type { Lab } from './lab.ts';

export interface LocalFile {
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
  /** The language the text is in: the one asked for, or English. */
  readonly locale: Locale;
}

/**
 * Reads a text of a lab in a language: `step1/text.fr.md`, else the overlay `_fr/<lab>/step1/text.md` (Katacoda's way),
 * else `step1/text.md`. Undefined when there is none, or when the path leads out of the labs folder.
 */
export async function readLocalFile(
  lab: Pick<Lab, 'id' | 'folder'>,
  name: string,
  locale: Locale,
): Promise<LocalFile | undefined> {
  const labs = path.dirname(lab.folder);
  for (const candidate of candidates(lab, name, locale)) {
    const text = await readInside(labs, candidate.file);
    if (text !== undefined) return { ...candidate, text };
  }
  return undefined;
}

function candidates(lab: Pick<Lab, 'id' | 'folder'>, name: string, locale: Locale) {
  const base = { file: path.join(lab.folder, name), locale: 'en' as const };
  if (locale === 'en') return [base];
  const { dir, name: stem, ext } = path.parse(name);
  const labs = path.dirname(lab.folder);
  return [
    { file: path.join(lab.folder, dir, `${stem}.${locale}${ext}`), locale },
    { file: path.join(labs, `_${locale}`, lab.id, name), locale },
    base,
  ];
}

async function readInside(folder: string, file: string): Promise<string | undefined> {
  try {
    const [realFolder, realFile] = await Promise.all([realpath(folder), realpath(file)]);
    if (!realFile.startsWith(realFolder + path.sep)) return undefined;
    const text = await readFile(realFile, 'utf8');
    return text.replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}
