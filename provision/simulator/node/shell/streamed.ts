import type { CommandNode, PipelineNode, ScriptNode, StatementNode } from 'just-bash';

import { STDERR_PATH, STDOUT_PATH } from './shell-file-system.ts';

type SimpleCommand = Extract<CommandNode, { type: 'SimpleCommand' }>;
type Redirection = SimpleCommand['redirections'][number];

/**
 * The script with each command's output sent to the output devices as soon as the command ends.
 *
 * The engine gives a script's output when all of it has run, which for a loop that asks a service every second is
 * never. A redirection put before the command's own ones changes nothing else: those still win, and what is piped,
 * captured by `$( )` or written by a function stays where it was.
 */
export function streamed(script: ScriptNode): ScriptNode {
  return { ...script, statements: script.statements.map(streamStatement) };
}

function streamStatement(statement: StatementNode): StatementNode {
  return { ...statement, pipelines: statement.pipelines.map(streamPipeline) };
}

function streamPipeline(pipeline: PipelineNode): PipelineNode {
  const last = pipeline.commands.length - 1;
  return {
    ...pipeline,
    commands: pipeline.commands.map((command, index) => {
      if (index === last) return streamCommand(command, true);
      return pipeline.pipeStderr?.[index] ? command : streamCommand(command, false);
    }),
  };
}

/** @param hasStdout whether the command's standard output is the script's, not a pipe */
function streamCommand(command: CommandNode, hasStdout: boolean): CommandNode {
  if (command.type === 'SimpleCommand') return streamSimple(command, hasStdout);
  // A compound command with redirections of its own, or in a pipe, hands on what its parts write.
  if (command.type === 'FunctionDef' || !hasStdout || command.redirections.length > 0) {
    return command;
  }
  return streamCompound(command);
}

function streamCompound(command: CommandNode): CommandNode {
  switch (command.type) {
    case 'If':
      return {
        ...command,
        clauses: command.clauses.map((clause) => ({
          condition: clause.condition.map(streamStatement),
          body: clause.body.map(streamStatement),
        })),
        elseBody: command.elseBody?.map(streamStatement) ?? null,
      };
    case 'While':
    case 'Until':
      return {
        ...command,
        condition: command.condition.map(streamStatement),
        body: command.body.map(streamStatement),
      };
    case 'For':
    case 'CStyleFor':
    case 'Subshell':
    case 'Group':
      return { ...command, body: command.body.map(streamStatement) };
    case 'Case':
      return {
        ...command,
        items: command.items.map((item) => ({ ...item, body: item.body.map(streamStatement) })),
      };
    case 'SimpleCommand':
    case 'FunctionDef':
    case 'ArithmeticCommand':
    case 'ConditionalCommand':
      break;
  }
  return command;
}

function streamSimple(command: SimpleCommand, hasStdout: boolean): SimpleCommand {
  if (!command.name || KEEPS_REDIRECTIONS.has(literalName(command))) return command;
  const added = [...(hasStdout ? [appendTo(1, STDOUT_PATH)] : []), appendTo(2, STDERR_PATH)];
  return { ...command, redirections: [...added, ...command.redirections] };
}

/** `exec` keeps its redirections for the rest of the shell. */
const KEEPS_REDIRECTIONS: ReadonlySet<string> = new Set(['exec']);

function literalName(command: SimpleCommand): string {
  const [part] = command.name?.parts ?? [];
  return part?.type === 'Literal' ? part.value : '';
}

function appendTo(fd: number, path: string): Redirection {
  return {
    type: 'Redirection',
    fd,
    operator: '>>',
    target: { type: 'Word', parts: [{ type: 'Literal', value: path }] },
  };
}
