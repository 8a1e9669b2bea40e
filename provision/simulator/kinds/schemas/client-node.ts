/** Reads the structure of the built-in types from the models of @kubernetes/client-node. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Model {
  readonly description: string;
  readonly fields: readonly ModelField[];
}

export interface ModelField {
  /** The name in JSON. */
  readonly name: string;
  /** In TypeScript: `Array<V1Container>`, `{ [key: string]: string; }`, `number`. */
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly isRequired: boolean;
}

/** The names of all models of the release; the folder also holds some of earlier ones. */
export function modelNames(folder: string): readonly string[] {
  const index = readFileSync(join(folder, 'all.js'), 'utf8');
  return [...index.matchAll(/models\/(\w+)\.js/g)].map(([, name = '']) => name);
}

/** One model; a model without fields is free-form. */
export function readModel(folder: string, name: string): Model {
  const source = readFileSync(join(folder, `${name}.js`), 'utf8');
  const declarations = readFileSync(join(folder, `${name}.d.ts`), 'utf8');
  const documented = documentedFields(declarations);
  const fields = attributes(source).map(({ baseName, name: property, type, format }) => ({
    name: baseName,
    type,
    format,
    description: documented.get(property)?.description ?? '',
    isRequired: documented.get(property)?.isRequired ?? false,
  }));
  const comment = /\/\*\*\n\* ([^\n]*)\n\*\/\nexport declare class/.exec(declarations)?.[1] ?? '';
  return { description: unescaped(comment), fields };
}

interface Attribute {
  readonly name: string;
  readonly baseName: string;
  readonly type: string;
  readonly format: string;
}

function attributes(source: string): readonly Attribute[] {
  const pattern =
    /"name": "([^"]*)",\s*"baseName": "([^"]*)",\s*"type": "([^"]*)",\s*"format": "([^"]*)"/g;
  return [...source.matchAll(pattern)].map(
    ([, name = '', baseName = '', type = '', format = '']) => ({ name, baseName, type, format }),
  );
}

function documentedFields(
  declarations: string,
): ReadonlyMap<string, { readonly description: string; readonly isRequired: boolean }> {
  const pattern = /(?:\/\*\*\n\s*\* ([^\n]*)\n\s*\*\/\n\s*)?'([^']+)'(\??): /g;
  return new Map(
    [...declarations.matchAll(pattern)].map(([, comment = '', name = '', mark]) => [
      name,
      { description: unescaped(comment), isRequired: mark === '' },
    ]),
  );
}

function unescaped(comment: string): string {
  return comment.replaceAll(/\\(['"])/g, '$1').replaceAll('*_/', '*/');
}
