import { readFileSync } from 'node:fs';

import protobuf from 'protobufjs';

/**
 * Messages that kubectl sends as protobuf, one a line: `apps.v1.Deployment: 1 metadata ObjectMeta, 2 spec …`. Numbers are
 * those of Kubernetes' generated.proto; a type is looked for in its own package first.
 */
const MESSAGES = new URL('messages.txt', import.meta.url);

let root: protobuf.Root | undefined;

/** The message of a group version and kind (`apps.v1`, `Deployment`); undefined when clients never send it. */
export function messageType(packageName: string, name: string): protobuf.Type | undefined {
  root ??= load(readFileSync(MESSAGES, 'utf8'));
  const found = root.lookup(`${packageName}.${name}`);
  return found instanceof protobuf.Type ? found : undefined;
}

function load(text: string): protobuf.Root {
  const result = new protobuf.Root();
  const lines = text.split('\n').filter((line) => line !== '');
  const messages = lines.map((line) => splitAt(line, ': '));
  const packages = packagesByName(messages.map(([name]) => name));
  for (const [fullName, fields] of messages) {
    const [packageName, name] = splitName(fullName);
    const message = new protobuf.Type(name);
    for (const field of fields.split(', ')) message.add(readField(field, packageName, packages));
    result.define(packageName).add(message);
  }
  return result;
}

const SCALARS = new Set(['string', 'int32', 'int64', 'bool', 'bytes']);

function readField(
  text: string,
  packageName: string,
  packages: ReadonlyMap<string, readonly string[]>,
): protobuf.Field | protobuf.MapField {
  const [id = '', name = '', type = ''] = text.split(' ');
  const resolve = (short: string) => {
    if (SCALARS.has(short)) return short;
    const homes = packages.get(short) ?? [];
    const home = homes.includes(packageName) ? packageName : homes[0];
    return `.${home ?? packageName}.${short}`;
  };
  const map = /^map<string,(.+)>$/.exec(type);
  if (map) return new protobuf.MapField(name, Number(id), 'string', resolve(map[1] ?? ''));
  return type.endsWith('[]')
    ? new protobuf.Field(name, Number(id), resolve(type.slice(0, -2)), 'repeated')
    : new protobuf.Field(name, Number(id), resolve(type));
}

function packagesByName(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const packages = new Map<string, string[]>();
  for (const fullName of names) {
    const [packageName, name] = splitName(fullName);
    packages.set(name, [...(packages.get(name) ?? []), packageName]);
  }
  return packages;
}

function splitName(fullName: string): readonly [string, string] {
  const dot = fullName.lastIndexOf('.');
  return [fullName.slice(0, dot), fullName.slice(dot + 1)];
}

function splitAt(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + separator.length)];
}
