import { check } from './check.ts';
import { cluster } from './cluster.ts';
import type { Command } from './command.ts';
import { lint } from './lint.ts';
import { shell } from './shell.ts';
import { start } from './start.ts';

export const COMMANDS: readonly Command[] = [start, cluster, shell, check, lint];
