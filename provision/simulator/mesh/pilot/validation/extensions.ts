/** Code that runs in proxies (https://istio.io/latest/docs/reference/config/proxy_extensions/). */
import { objectAt, objectsAt, stringAt } from '../../../kinds/json.ts';
import type { Json, JsonObject } from '../../../kinds/object.ts';
import { portProblem } from './addresses.ts';
import { isSet, numberIn } from './fields.ts';
import type { Findings } from './findings.ts';
import { checkTargets } from './selectors.ts';
import type { Subject } from './subject.ts';
import { urlProblem, urlScheme } from './urls.ts';

const LUA_LIMIT_BYTES = 65_536;
const NAME_LIMIT_BYTES = 256;
const SECRET_LIMIT_BYTES = 253;
const SCHEMES = new Set(['', 'file', 'http', 'https', 'oci']);

/** A WasmPlugin: whom it is for, and where its module comes from. */
export function checkWasmPlugin(found: Findings, { spec }: Subject): void {
  checkTargets(found, spec);
  checkWasm(found, spec, 'pluginName field must be less than 255 characters long');
  found.error(matchProblem(spec['match']));
}

/** A TrafficExtension: a module of WebAssembly or a script of Lua, and whom it is for. */
export function checkTrafficExtension(found: Findings, { spec }: Subject): void {
  const { wasm, lua } = spec;
  found.errorIf(isSet(wasm) === isSet(lua), 'exactly one of wasm or lua must be set');
  checkTargets(found, { ...spec, targetRef: null });
  if (isSet(lua)) {
    const bytes = Buffer.byteLength(stringAt(lua, 'inlineCode'));
    found.errorIf(bytes === 0, 'lua.inlineCode cannot be empty');
    found.errorIf(bytes > LUA_LIMIT_BYTES, 'lua.inlineCode exceeds maximum size of 64KB');
  }
  if (isSet(wasm)) {
    checkWasm(found, objectAt(wasm), 'pluginName field must be less than 256 characters long');
  }
  found.error(matchProblem(spec['match']));
}

function checkWasm(found: Findings, wasm: JsonObject, longName: string): void {
  const hash = stringAt(wasm, 'sha256');
  found.error(locationProblem(stringAt(wasm, 'url')));
  if (hash !== '' && Buffer.byteLength(hash) !== 64) {
    found.error('sha256 field must be 64 characters long');
  } else {
    found.errorIf(!/^[a-f0-9]*$/.test(hash), 'sha256 field must match [a-f0-9]{64} pattern');
  }
  found.errorIf(
    Buffer.byteLength(stringAt(wasm, 'imagePullSecret')) > SECRET_LIMIT_BYTES,
    'imagePullSecret field must be less than 253 characters long',
  );
  found.errorIf(Buffer.byteLength(stringAt(wasm, 'pluginName')) > NAME_LIMIT_BYTES, longName);
  found.error(environmentProblem(objectAt(wasm, 'vmConfig')['env']));
}

function locationProblem(url: string): string | undefined {
  if (url === '') return 'url field needs to be set';
  const problem = urlProblem(url);
  if (problem !== undefined) return `failed to parse url: ${problem}`;
  const scheme = urlScheme(url);
  return SCHEMES.has(scheme) ? undefined : `url contains unsupported scheme: ${scheme}`;
}

function environmentProblem(environment: Json | undefined): string | undefined {
  const names = new Set<string>();
  for (const variable of objectsAt(environment)) {
    const name = stringAt(variable, 'name');
    if (name === '') return 'spec.vmConfig.env invalid';
    if (Buffer.byteLength(name) > NAME_LIMIT_BYTES) {
      return 'env.name field must be less than 255 characters long';
    }
    if (names.has(name)) return 'duplicate env';
    names.add(name);
    if (variable['valueFrom'] === 'HOST' && stringAt(variable, 'value') !== '') {
      return 'value may only be set when valueFrom is INLINE';
    }
  }
  return undefined;
}

function matchProblem(match: Json | undefined): string | undefined {
  for (const [index, { ports }] of objectsAt(match).entries()) {
    for (const [place, port] of objectsAt(ports).entries()) {
      const number = numberIn(port['number']);
      if (portProblem(number) !== undefined) {
        return `spec.Match[${index}].Ports[${place}] is out of range: ${number}`;
      }
    }
  }
  return undefined;
}
