import { isObject } from '../../../kinds/json.ts';
import type { JsonObject } from '../../../kinds/object.ts';
import { CommandError, EXIT } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';

/** The documents of a YAML text, empty ones left out; `source` names it in the message. */
export async function parseYaml(text: string, source: string): Promise<readonly unknown[]> {
  const { parseAllDocuments } = await import('yaml');
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [problem] = document.errors;
    if (problem) {
      throw new CommandError(`cannot read ${source}: ${problem.message}`, EXIT.badData);
    }
    const value: unknown = document.toJS();
    return value === null ? [] : [value];
  });
}

/** The first document of a YAML text; empty when it holds no object. */
export async function firstObject(text: string, source: string): Promise<JsonObject> {
  const [first] = await parseYaml(text, source);
  return isObject(first) ? first : {};
}

/** The documents of several YAML files, in order. */
export async function readYaml(
  context: Context,
  files: readonly string[],
): Promise<readonly unknown[]> {
  const documents: unknown[] = [];
  for (const file of files)
    documents.push(...(await parseYaml(await context.readText(file), file)));
  return documents;
}

/** Objects as one stream of YAML documents, keys sorted as kubectl prints them. */
export async function toYaml(objects: readonly unknown[]): Promise<string> {
  const { stringify } = await import('yaml');
  return objects
    .map((object) =>
      stringify(object, {
        sortMapEntries: true,
        aliasDuplicateObjects: false,
        indentSeq: false,
        lineWidth: 0,
      }),
    )
    .join('---\n');
}
