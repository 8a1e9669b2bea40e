import { execFile } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const VERSION = '3.2.0';
const INSTALL_LIMIT_MS = 60_000;

/** Why wetty cannot be measured here, after "because". */
export class WettyProblem extends Error {
  override readonly name = 'WettyProblem';
}

/**
 * The module that starts wetty, installed when needed. By itself: as an optional dependency npm leaves it out, since one of
 * its own asks for another Node.
 * @throws WettyProblem when it cannot be had
 */
export async function findWetty(): Promise<string> {
  // Others get an ssh client instead of the command.
  if (process.getuid?.() !== 0) throw new WettyProblem('it starts a shell for root alone');
  const folder = path.join(homedir(), '.cache/regatta', `wetty-${VERSION}`);
  const main = path.join(folder, 'node_modules/wetty/build/server.js');
  if (!(await isThere(main))) await install(folder);
  if (!(await isThere(main))) throw new WettyProblem(`npm left no ${main}`);
  return main;
}

async function install(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const args = ['install', `wetty@${VERSION}`, '--prefix', folder, '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, timeout: INSTALL_LIMIT_MS });
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new WettyProblem(`npm cannot install it (${reason})`);
  }
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
