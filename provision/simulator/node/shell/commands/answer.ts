import type { ToolResult } from '../../../programs/program.ts';

/** A command's result that writes only standard output. */
export function output(stdout: string | Uint8Array, exitCode = 0): ToolResult {
  return { stdout, stderr: '', exitCode };
}

/** A command's result that is a complaint: one line on standard error. */
export function refusal(line: string, exitCode = 1): ToolResult {
  return { stdout: '', stderr: `${line}\n`, exitCode };
}
