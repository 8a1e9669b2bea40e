import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { findKubectl } from '../../server/sandbox/find-kubectl.ts';
import { ROOT } from './stamp.ts';

/** The release that is fetched where the machine has none, and what its binaries must be (https://dl.k8s.io). */
const VERSION = 'v1.33.7';
const SHA256: Readonly<Record<string, string>> = {
  x64: '471d94e208a89be62eb776700fc8206cbef11116a8de2dc06fc0086b0015375b',
  arm64: 'fa7ee98fdb6fba92ae05b5e0cde0abd5972b2d9a4a084f7052a1fd0dce6bc1de',
};
const DOWNLOAD_LIMIT_MS = 120_000;

/** Finds a kubectl of 1.27 or newer, or fetches the pinned one into `.cache/tools`; where it cannot, says what to do. */
export async function provideKubectl(say: (text: string) => void): Promise<void> {
  if (findKubectl()) return;
  const sha256 = SHA256[process.arch];
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = `https://dl.k8s.io/release/${VERSION}/bin/linux/${arch}/kubectl`;
  if (!sha256 || process.platform !== 'linux') {
    say(`Missing: kubectl 1.27 or newer. Install it from https://kubernetes.io/docs/tasks/tools/`);
    return;
  }
  say(`Fetching kubectl ${VERSION}: ${url}`);
  try {
    await fetchTo(url, sha256, path.join(ROOT, '.cache/tools/kubectl'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const place = '/usr/local/bin/kubectl';
    say(
      `Missing: kubectl 1.27 or newer (${why}). Install it with: sudo curl -Lo ${place} ${url} && sudo chmod +x ${place}`,
    );
  }
}

async function fetchTo(url: string, sha256: string, file: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_LIMIT_MS) });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new Error('what came does not have the pinned SHA-256');
  }
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.new`, bytes);
  await chmod(`${file}.new`, 0o755);
  await rename(`${file}.new`, file);
}
