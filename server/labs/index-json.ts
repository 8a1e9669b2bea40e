import { LineCounter, parseDocument, type Document } from 'yaml';

import { LOCALES } from '#protocol';

import type { Lab, LabProblem, LocalText, Need, Page, Step, Tab } from './lab.ts';

/** What index.json says, and what is wrong with it; `lab` is there when nothing is an error. */
export interface ParsedIndex {
  readonly lab?: Omit<Lab, 'id' | 'folder'>;
  readonly problems: readonly Omit<LabProblem, 'file'>[];
}

/**
 * Reads a lab's index.json (Katacoda's and Killercoda's format with our `regatta` additions).
 * @param knownVerifiers names that `regatta.verifier` may have
 */
export function parseIndex(text: string, knownVerifiers: ReadonlySet<string>): ParsedIndex {
  const malformed = jsonProblem(text);
  if (malformed) return { problems: [malformed] };
  const reader = new IndexReader(text, knownVerifiers);
  const lab = reader.readLab();
  const isUsable = reader.problems.every((problem) => problem.severity === 'warning');
  return { ...(isUsable && { lab }), problems: reader.problems };
}

function jsonProblem(text: string): Omit<LabProblem, 'file'> | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    const line = text.slice(0, position).split('\n').length;
    const what = message.replace(/,? ?(in JSON )?at position \d+.*$/s, '').replace(/ in JSON$/, '');
    return { line, message: `Malformed JSON: ${what}`, severity: 'error' };
  }
}

type Path = readonly (string | number)[];
type Fields = Readonly<Record<string, unknown>>;

const DIFFICULTIES = ['beginner', 'intermediate', 'advanced'] as const;
const DEFAULT_MINUTES = 20;

/** Walks the parsed file; every complaint carries the line of the value it is about. */
class IndexReader {
  readonly problems: Omit<LabProblem, 'file'>[] = [];
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #root: Fields;
  readonly #knownVerifiers: ReadonlySet<string>;

  constructor(text: string, knownVerifiers: ReadonlySet<string>) {
    // JSON is YAML: the YAML parser is the one that keeps positions.
    this.#document = parseDocument(text, { lineCounter: this.#lines });
    const root: unknown = JSON.parse(text);
    this.#root = isFields(root) ? root : {};
    this.#knownVerifiers = knownVerifiers;
    if (!isFields(root)) this.#error([], 'The file must hold one JSON object');
  }

  readLab(): Omit<Lab, 'id' | 'folder'> {
    const own = fieldsOf(this.#root['regatta']);
    const details = fieldsOf(this.#root['details']);
    const intro = this.#page(['details', 'intro'], details['intro']);
    const finish = this.#page(['details', 'finish'], details['finish']);
    return {
      title: this.#localText([], this.#root, 'title'),
      description: this.#localText([], this.#root, 'description'),
      minutes: this.#minutes(),
      difficulty: DIFFICULTIES.find((name) => name === this.#root['difficulty']) ?? 'beginner',
      steps: this.#list(['details', 'steps'], details['steps']).map((step, index) =>
        this.#step(['details', 'steps', index], step),
      ),
      needs: this.#needs(own['needs']),
      tabs: this.#list(['regatta', 'tabs'], own['tabs']).map((tab, index) =>
        this.#tab(['regatta', 'tabs', index], tab),
      ),
      usesDns: this.#flag(['regatta', 'dns'], own['dns']),
      ...(intro && { intro }),
      ...(finish && { finish }),
    };
  }

  #minutes(): number {
    const time = this.#root['time'];
    const minutes =
      typeof time === 'number' ? time : Number.parseInt(optionalString(time) ?? '', 10);
    return Number.isFinite(minutes) ? minutes : DEFAULT_MINUTES;
  }

  #page(path: Path, value: unknown): Page | undefined {
    if (value === undefined) return undefined;
    if (!isFields(value)) {
      this.#error(path, `"${path.at(-1)}" must be an object`);
      return undefined;
    }
    return { title: this.#localText(path, value, 'title', ''), text: this.#text(path, value) };
  }

  #step(path: Path, value: unknown): Step {
    const fields = isFields(value) ? value : {};
    const own = fieldsOf(fields['regatta']);
    const number = Number(path.at(-1)) + 1;
    const verifier = this.#verifier([...path, 'regatta', 'verifier'], own['verifier']);
    const hint = optionalString(fields['hint']);
    const answer = optionalString(fields['answer']);
    const solution = optionalString(own['solution']);
    return {
      title: this.#localText(path, fields, 'title', `Step ${number}`),
      text: this.#text(path, fields),
      ...(verifier !== undefined && { verifier }),
      ...(hint !== undefined && { hint }),
      ...(answer !== undefined && { answer }),
      ...(solution !== undefined && { solution }),
    };
  }

  #verifier(path: Path, value: unknown): string | undefined {
    if (value === undefined) return undefined;
    if (typeof value === 'string' && this.#knownVerifiers.has(value)) return value;
    const known = [...this.#knownVerifiers].toSorted().join(', ');
    this.#error(path, `Unknown verifier ${JSON.stringify(value)}; there are: ${known}`);
    return undefined;
  }

  #tab(path: Path, value: unknown): Tab {
    const fields = fieldsOf(value);
    const [id, service] = ['id', 'service'].map((key) => {
      const text = optionalString(fields[key]);
      if (text === undefined) this.#error([...path, key], `A tab needs "${key}"`);
      return text ?? '';
    });
    const port = fields['port'] ?? 80;
    if (typeof port !== 'number') this.#error([...path, 'port'], 'A port is a number');
    return {
      id: id ?? '',
      title: this.#localText(path, fields, 'title', id),
      service: service ?? '',
      port: Number(port),
      path: optionalString(fields['path']) ?? '/',
    };
  }

  #needs(value: unknown): Need[] {
    return this.#list(['regatta', 'needs'], value).flatMap((need, index) => {
      if (need === 'istio' || need === 'bookinfo') return [need];
      this.#error(
        ['regatta', 'needs', index],
        `Unknown need ${JSON.stringify(need)}; there are: istio, bookinfo`,
      );
      return [];
    });
  }

  #flag(path: Path, value: unknown): boolean {
    if (value !== undefined && typeof value !== 'boolean') {
      this.#error(path, `"${path.at(-1)}" must be true or false`);
    }
    return value === true;
  }

  #text(path: Path, fields: Fields): string {
    const text = fields['text'];
    if (typeof text === 'string') return text;
    this.#error(path, 'A page needs "text", the path of its Markdown file');
    return '';
  }

  /** The base text beside its translations: `"regatta": {"locales": {"fr": {"title": …}}}` on the same object. */
  #localText(path: Path, fields: Fields, key: string, fallback?: string): LocalText {
    const base = optionalString(fields[key]) ?? fallback;
    if (base === undefined) this.#error([...path, key], `"${key}" is missing`);
    const locales = fieldsOf(fieldsOf(fields['regatta'])['locales']);
    const translated = LOCALES.flatMap((locale) => {
      const text = fieldsOf(locales[locale])[key];
      return typeof text === 'string' ? [[locale, text] as const] : [];
    });
    return { ...Object.fromEntries(translated), en: base ?? '' };
  }

  #list(path: Path, value: unknown): readonly unknown[] {
    if (value === undefined) return [];
    if (isList(value)) return value;
    this.#error(path, `"${path.at(-1)}" must be a list`);
    return [];
  }

  #error(path: Path, message: string): void {
    this.problems.push({ line: this.#lineOf(path), message, severity: 'error' });
  }

  /** Line of the value at `path`, or of the nearest thing around it that exists. */
  #lineOf(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = this.#document.getIn(path.slice(0, length), true);
      const offset = rangeStart(node);
      if (offset !== undefined) return this.#lines.linePos(offset).line;
    }
    return 1;
  }
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  if (!Array.isArray(range)) return undefined;
  const start: unknown = range[0];
  return typeof start === 'number' ? start : undefined;
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function optionalString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
