/** Reads full names, descriptions, enums and quantities from the declarations of kubernetes-models. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Declaration {
  readonly description: string;
  readonly fields: ReadonlyMap<string, DeclaredField>;
}

interface DeclaredField {
  readonly description: string;
  /** In TypeScript. */
  readonly type: string;
}

/** A folder of declarations and the prefix of the definitions in it: `io.k8s.api.apps.v1`. */
export interface DeclarationFolder {
  readonly path: string;
  readonly prefix: string;
  /** `apps`, `networking`, as client-node abbreviates groups in the names of clashing classes. */
  readonly group: string;
  readonly version: string;
}

const PREFIXES: Readonly<Record<string, string>> = {
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** All folders of the two packages that declare Kubernetes' own types. */
export function declarationFolders(
  models: string,
  apimachinery: string,
): readonly DeclarationFolder[] {
  const groups = readdirSync(models, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && !entry.name.startsWith('_'),
  );
  const folders = groups.flatMap(({ name }) => {
    if (name === 'v1') return [folder(join(models, 'v1'), 'io.k8s.api.core', 'core', 'v1')];
    const group = name.split('.')[0] ?? name;
    const prefix = PREFIXES[name] ?? `io.k8s.api.${group}`;
    return readdirSync(join(models, name), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((version) => folder(join(models, name, version.name), prefix, group, version.name));
  });
  const meta = join(apimachinery, 'apis/meta/v1');
  return [...folders, folder(meta, 'io.k8s.apimachinery.pkg.apis.meta', 'meta', 'v1')];
}

/** The declaration of a type that the folder has. */
export function readDeclaration(
  { path }: Pick<DeclarationFolder, 'path'>,
  name: string,
): Declaration {
  const [head = '', body = ''] =
    readFileSync(join(path, `${name}.d.ts`), 'utf8')
      .split('export declare class')[0]
      ?.split(/export interface \w+[^{]*\{\n/) ?? [];
  const comments = head.split('/**');
  return {
    description: comments.length > 1 ? textOf(comments.at(-1) ?? '') : '',
    fields: new Map(
      [
        ...body.matchAll(
          /(?:\/\*\*\n([\s\S]*?)\*\/\n\s*)?"([^"]+)"\??: ([^\n{]*\{[^}]*\}[^\n]*|[^\n]+);\n/g,
        ),
      ].map(([, comment = '', field = '', type = '']) => [
        field,
        { description: textOf(comment), type },
      ]),
    ),
  };
}

/** The values of a union of string literals; undefined for other types. */
export function literalsOf(type: string): readonly string[] | undefined {
  const literals = [...type.matchAll(/"([^"]*)"/g)].map(([, literal = '']) => literal);
  return literals.length === 0 ? undefined : literals;
}

function folder(path: string, prefix: string, group: string, version: string): DeclarationFolder {
  return { path, prefix: `${prefix}.${version}`, group, version };
}

/** The text of a documentation comment, without its stars and the escapes of Markdown. */
export function textOf(comment: string): string {
  return comment
    .replace(/\*\/[\s\S]*$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replaceAll('\\*', '*')
    .replaceAll('*\\/', '*/')
    .trim();
}
