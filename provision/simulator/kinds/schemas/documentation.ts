/** Reads the comments of nested types in declarations, by the path of the field they stand at. */
import { existsSync, readFileSync } from 'node:fs';

import { textOf } from './kubernetes-models.ts';
import type { Descriptions } from './validators.ts';

interface OpenField {
  readonly indent: number;
  readonly name: string;
}

/** The descriptions in a declaration file, which is indented as the compiler does it; none when there is no file. */
export function readDescriptions(file: string): Descriptions {
  const descriptions = new Map<string, string>();
  if (!existsSync(file)) return descriptions;
  const [declared = ''] = readFileSync(file, 'utf8').split('export declare class');
  const open: OpenField[] = [];
  let comment: string[] | undefined;
  let text = '';
  for (const line of declared.split('\n')) {
    if (line.includes('/**')) comment = [];
    comment?.push(line.replace('/**', ''));
    if (line.includes('*/')) {
      // Markers are for the tools of the project that the text is from.
      text = textOf((comment ?? []).join('\n'))
        .replaceAll(/<gateway:[^>]*>/g, '')
        .trim();
      comment = undefined;
    } else if (comment === undefined) {
      record(line, text, open, descriptions);
      if (line.trim() !== '') text = '';
    }
  }
  return descriptions;
}

function record(
  line: string,
  text: string,
  open: OpenField[],
  descriptions: Map<string, string>,
): void {
  if (/^export (interface|type) /.test(line)) {
    descriptions.set('', text);
    return;
  }
  const field = /^( +)"([^"]+)"\??: /.exec(line);
  if (!field) return;
  const [, spaces = '', name = ''] = field;
  while ((open.at(-1)?.indent ?? 0) >= spaces.length) open.pop();
  open.push({ indent: spaces.length, name });
  const path = open.map((one) => one.name).join('.');
  // Alternatives repeat the fields of the type they belong to; what stands first counts.
  if (!descriptions.has(path)) descriptions.set(path, text);
}
