import type { SecureVersion } from 'node:tls';

import type { ToolFiles } from '../../../../programs/program.ts';

/** A curl command line, parsed. */
export interface CurlOptions {
  urls: string[];
  method: string | undefined;
  headers: string[];
  /** Parts of `-d` and its relatives, joined by `&`. */
  data: string[];
  isJson: boolean;
  putsDataInUrl: boolean;
  isHead: boolean;
  includesHeaders: boolean;
  isSilent: boolean;
  showsErrors: boolean;
  showsProgress: boolean;
  isVerbose: boolean;
  outputs: string[];
  usesRemoteName: boolean;
  dumpHeaderTo: string | undefined;
  writeOut: string | undefined;
  failsOnError: boolean;
  failsWithBody: boolean;
  followsRedirects: boolean;
  redirectLimit: number;
  timeoutMs: number | undefined;
  connectTimeoutMs: number | undefined;
  retries: number;
  retryDelayMs: number | undefined;
  retriesAllErrors: boolean;
  retriesRefused: boolean;
  resolve: string[];
  connectTo: string[];
  cookies: string[];
  cookieJar: string | undefined;
  userAgent: string | undefined;
  referer: string | undefined;
  credentials: string | undefined;
  isInsecure: boolean;
  /** File with the authorities to trust; undefined when none is named. */
  authoritiesFile: string | undefined;
  /** Files of the client's certificate and its key. */
  certificateFile: string | undefined;
  keyFile: string | undefined;
  minTls: SecureVersion | undefined;
  maxTls: SecureVersion | undefined;
  expandsUrls: boolean;
  http: '1.0' | '1.1' | '2' | undefined;
}

/** What a command line is wrong with, as curl words it, and its exit status. */
export interface CurlProblem {
  readonly message: string;
  readonly exitCode: number;
}

type Setter = (options: CurlOptions, value: string, input: Input) => void;

interface Input {
  readonly files: ToolFiles;
  readonly stdin: Uint8Array;
}

interface Option {
  readonly takesValue: boolean;
  readonly set: Setter;
}

const flag = (set: (options: CurlOptions) => void): Option => ({ takesValue: false, set });
const value = (set: Setter): Option => ({ takesValue: true, set });
const ignored = flag(() => undefined);
const ignoredValue = value(() => undefined);
const seconds = (text: string) => Math.round(Number(text) * 1000);

const TLS_VERSIONS: Readonly<Record<string, SecureVersion>> = {
  '1.0': 'TLSv1',
  '1.1': 'TLSv1.1',
  '1.2': 'TLSv1.2',
  '1.3': 'TLSv1.3',
};

function data(options: CurlOptions, text: string, { files, stdin }: Input, keepsLines = false) {
  let part = text;
  if (text === '@-') part = Buffer.from(stdin).toString();
  else if (text.startsWith('@')) part = files.readText(text.slice(1)) ?? '';
  options.data.push(keepsLines || part === text ? part : part.replaceAll(/[\r\n]/g, ''));
}

function urlEncoded(options: CurlOptions, text: string): void {
  const at = text.indexOf('=');
  const name = at > 0 ? text.slice(0, at + 1) : '';
  options.data.push(name + encodeURIComponent(text.slice(at + 1)));
}

const LONG: Readonly<Record<string, Option>> = {
  url: value((o, v) => void o.urls.push(v)),
  request: value((o, v) => void (o.method = v)),
  header: value((o, v, { files }) => {
    const lines = v.startsWith('@') ? (files.readText(v.slice(1)) ?? '').split('\n') : [v];
    o.headers.push(...lines.filter((line) => line.trim() !== ''));
  }),
  data: value((o, v, input) => data(o, v, input)),
  'data-ascii': value((o, v, input) => data(o, v, input)),
  'data-raw': value((o, v) => void o.data.push(v)),
  'data-binary': value((o, v, input) => data(o, v, input, true)),
  'data-urlencode': value((o, v) => urlEncoded(o, v)),
  json: value((o, v, input) => {
    o.isJson = true;
    data(o, v, input, true);
  }),
  get: flag((o) => void (o.putsDataInUrl = true)),
  head: flag((o) => void (o.isHead = true)),
  include: flag((o) => void (o.includesHeaders = true)),
  'show-headers': flag((o) => void (o.includesHeaders = true)),
  silent: flag((o) => void (o.isSilent = true)),
  'show-error': flag((o) => void (o.showsErrors = true)),
  'no-progress-meter': flag((o) => void (o.showsProgress = false)),
  verbose: flag((o) => void (o.isVerbose = true)),
  output: value((o, v) => void o.outputs.push(v)),
  'remote-name': flag((o) => void (o.usesRemoteName = true)),
  'dump-header': value((o, v) => void (o.dumpHeaderTo = v)),
  'write-out': value((o, v, { files }) => {
    o.writeOut = v.startsWith('@') ? files.readText(v.slice(1)) : v;
  }),
  fail: flag((o) => void (o.failsOnError = true)),
  'fail-with-body': flag((o) => void (o.failsWithBody = true)),
  location: flag((o) => void (o.followsRedirects = true)),
  'location-trusted': flag((o) => void (o.followsRedirects = true)),
  'max-redirs': value((o, v) => void (o.redirectLimit = Number(v))),
  'max-time': value((o, v) => void (o.timeoutMs = seconds(v))),
  'connect-timeout': value((o, v) => void (o.connectTimeoutMs = seconds(v))),
  retry: value((o, v) => void (o.retries = Number(v))),
  'retry-delay': value((o, v) => void (o.retryDelayMs = seconds(v))),
  'retry-max-time': ignoredValue,
  'retry-all-errors': flag((o) => void (o.retriesAllErrors = true)),
  'retry-connrefused': flag((o) => void (o.retriesRefused = true)),
  resolve: value((o, v) => void o.resolve.push(v)),
  'connect-to': value((o, v) => void o.connectTo.push(v)),
  cookie: value((o, v) => void o.cookies.push(v)),
  'cookie-jar': value((o, v) => void (o.cookieJar = v)),
  'user-agent': value((o, v) => void (o.userAgent = v)),
  referer: value((o, v) => void (o.referer = v)),
  user: value((o, v) => void (o.credentials = v)),
  insecure: flag((o) => void (o.isInsecure = true)),
  globoff: flag((o) => void (o.expandsUrls = false)),
  'http1.0': flag((o) => void (o.http = '1.0')),
  'http1.1': flag((o) => void (o.http = '1.1')),
  http2: flag((o) => void (o.http = '2')),
  'http2-prior-knowledge': flag((o) => void (o.http = '2')),
  cacert: value((o, v) => void (o.authoritiesFile = v)),
  // A password may follow; keys of the simulator have none.
  cert: value((o, v) => void (o.certificateFile = v.split(':')[0])),
  key: value((o, v) => void (o.keyFile = v)),
  'tlsv1.0': flag((o) => void (o.minTls = 'TLSv1')),
  'tlsv1.1': flag((o) => void (o.minTls = 'TLSv1.1')),
  'tlsv1.2': flag((o) => void (o.minTls = 'TLSv1.2')),
  'tlsv1.3': flag((o) => void (o.minTls = 'TLSv1.3')),
  'tls-max': value((o, v) => void (o.maxTls = TLS_VERSIONS[v])),
  'cert-type': ignoredValue,
  'key-type': ignoredValue,
  'ssl-no-revoke': ignored,
  // How bytes are carried makes no difference on the virtual network.
  capath: ignoredValue,
  interface: ignoredValue,
  noproxy: ignoredValue,
  'limit-rate': ignoredValue,
  'keepalive-time': ignoredValue,
  'no-keepalive': ignored,
  'no-buffer': ignored,
  compressed: ignored,
  ipv4: ignored,
  ipv6: ignored,
  'progress-bar': ignored,
  'path-as-is': ignored,
  'create-dirs': ignored,
};

const SHORT: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  G: 'get',
  I: 'head',
  i: 'include',
  s: 'silent',
  S: 'show-error',
  v: 'verbose',
  o: 'output',
  O: 'remote-name',
  D: 'dump-header',
  w: 'write-out',
  f: 'fail',
  L: 'location',
  m: 'max-time',
  b: 'cookie',
  c: 'cookie-jar',
  A: 'user-agent',
  e: 'referer',
  u: 'user',
  k: 'insecure',
  g: 'globoff',
  '0': 'http1.0',
  E: 'cert',
  N: 'no-buffer',
  '4': 'ipv4',
  '6': 'ipv6',
  '#': 'progress-bar',
};

/** Reads a curl command line (curl 8 manual page); what it does not know it refuses as curl does. */
export function parseCurl(args: readonly string[], input: Input): CurlOptions | CurlProblem {
  const options = defaults();
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift() ?? '';
    const problem = parseOne(arg, rest, { options, input });
    if (problem) return problem;
  }
  if (options.urls.length > 0) return options;
  return { message: '(2) no URL specified', exitCode: 2 };
}

interface Parsing {
  readonly options: CurlOptions;
  readonly input: Input;
}

function parseOne(arg: string, rest: string[], parsing: Parsing): CurlProblem | undefined {
  if (arg === '--') {
    parsing.options.urls.push(...rest.splice(0));
    return undefined;
  }
  if (arg.startsWith('--')) return parseLong(arg, rest, parsing);
  if (arg.startsWith('-') && arg.length > 1) return parseShort(arg, rest, parsing);
  parsing.options.urls.push(arg);
  return undefined;
}

function parseLong(arg: string, rest: string[], parsing: Parsing): CurlProblem | undefined {
  const option = LONG[arg.slice(2)];
  if (!option) return problemWith(arg, 'is unknown');
  return apply(option, arg, { rest, ...parsing });
}

function parseShort(arg: string, rest: string[], parsing: Parsing): CurlProblem | undefined {
  for (let at = 1; at < arg.length; at++) {
    const letter = arg[at] ?? '';
    const option = LONG[SHORT[letter] ?? ''];
    if (!option) return problemWith(`-${letter}`, 'is unknown');
    // `-ofile`: what follows the letter is its value.
    const attached = arg.slice(at + 1);
    if (option.takesValue && attached) {
      option.set(parsing.options, attached, parsing.input);
      return undefined;
    }
    const problem = apply(option, `-${letter}`, { rest, ...parsing });
    if (problem) return problem;
  }
  return undefined;
}

function apply(
  option: Option,
  name: string,
  { rest, options, input }: Parsing & { readonly rest: string[] },
): CurlProblem | undefined {
  const text = option.takesValue ? rest.shift() : '';
  if (text === undefined) return problemWith(name, 'requires parameter');
  option.set(options, text, input);
  return undefined;
}

function problemWith(option: string, what: string): CurlProblem {
  const help = "curl: try 'curl --help' or 'curl --manual' for more information";
  return { message: `option ${option}: ${what}\n${help}`, exitCode: 2 };
}

function defaults(): CurlOptions {
  return {
    urls: [],
    method: undefined,
    headers: [],
    data: [],
    isJson: false,
    putsDataInUrl: false,
    isHead: false,
    includesHeaders: false,
    isSilent: false,
    showsErrors: false,
    showsProgress: true,
    isVerbose: false,
    outputs: [],
    usesRemoteName: false,
    dumpHeaderTo: undefined,
    writeOut: undefined,
    failsOnError: false,
    failsWithBody: false,
    followsRedirects: false,
    // curl's own limit (CURLOPT_MAXREDIRS of the tool).
    redirectLimit: 50,
    timeoutMs: undefined,
    connectTimeoutMs: undefined,
    retries: 0,
    retryDelayMs: undefined,
    retriesAllErrors: false,
    retriesRefused: false,
    resolve: [],
    connectTo: [],
    cookies: [],
    cookieJar: undefined,
    userAgent: undefined,
    referer: undefined,
    credentials: undefined,
    isInsecure: false,
    authoritiesFile: undefined,
    certificateFile: undefined,
    keyFile: undefined,
    minTls: undefined,
    maxTls: undefined,
    expandsUrls: true,
    http: undefined,
  };
}
