import { objectsAt, stringAt } from '../../kinds/json.ts';

/** A repository of charts that the learner has added. */
export interface Repository {
  readonly name: string;
  readonly url: string;
}

/** Where helm keeps its list of repositories: `repositories.yaml` of its configuration. */
export interface RepositoryFile {
  /** Undefined when there is none. */
  read(): string | undefined;
  write(text: string): void;
}

/** The repositories in the file, in the order of their adding; none without a file. */
export async function readRepositories(file: RepositoryFile): Promise<readonly Repository[]> {
  const text = file.read();
  if (text === undefined) return [];
  const { parse } = await import('yaml');
  const config: unknown = parse(text);
  return objectsAt(config, 'repositories').map((entry) => ({
    name: stringAt(entry, 'name'),
    url: stringAt(entry, 'url'),
  }));
}

/** Writes the file as helm does, so that a real helm reads it. */
export async function writeRepositories(
  file: RepositoryFile,
  repositories: readonly Repository[],
): Promise<void> {
  const { stringify } = await import('yaml');
  const entries = repositories.map(({ name, url }) => ({
    caFile: '',
    certFile: '',
    insecure_skip_tls_verify: false,
    keyFile: '',
    name,
    pass_credentials_all: false,
    password: '',
    url,
    username: '',
  }));
  file.write(
    stringify({ apiVersion: '', generated: '0001-01-01T00:00:00Z', repositories: entries }),
  );
}
