/** Subprocesses: started without a shell, with their output kept, so that a failure can say what was printed last. */
import { spawn, type SpawnOptions } from 'node:child_process';
import { createWriteStream } from 'node:fs';

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. `undefined` removes a variable. */
  readonly env?: Record<string, string | undefined>;
  /** Written to the standard input, which is otherwise closed. */
  readonly input?: string;
  /** Everything the command prints is also appended to this file. */
  readonly log?: string;
  /** Milliseconds until the command is killed. Default: no limit. */
  readonly timeout?: number;
  /** Told each line of the standard output as it comes. */
  readonly onLine?: (line: string) => void;
}

/** A command that could not be started, ended with another code than 0, or was stopped. */
export class CommandFailed extends Error {
  readonly code: number | null;
  readonly output: string;

  constructor(command: readonly string[], code: number | null, output: string, log?: string) {
    const last = output.trimEnd().split('\n').slice(-12).join('\n  ');
    super(`${command.join(' ')} ended with ${code ?? 'a signal'}:\n  ${last}${log ? `\n  (all of it: ${log})` : ''}`);
    this.name = 'CommandFailed';
    this.code = code;
    this.output = output;
  }
}

/** Runs a command to its end and returns its standard output. Throws CommandFailed, which carries both streams. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [program, ...args] = command as [string, ...string[]];
  const spawnOptions: SpawnOptions = {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.timeout && { timeout: options.timeout, killSignal: 'SIGKILL' }),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, spawnOptions);
    const log = options.log ? createWriteStream(options.log, { flags: 'a' }) : undefined;
    let output = '';
    let all = '';
    let told = 0;
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      all += text;
      for (let end = output.indexOf('\n', told); end >= 0; end = output.indexOf('\n', told)) {
        options.onLine?.(output.slice(told, end));
        told = end + 1;
      }
      log?.write(text);
    });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      all += text;
      log?.write(text);
    });
    child.on('error', (error) => reject(new CommandFailed(command, null, String(error), options.log)));
    child.on('close', (code) => {
      log?.end();
      if (code === 0) resolve(output);
      else reject(new CommandFailed(command, code, all, options.log));
    });
    // A command that does not read its input closes the pipe early; its exit code tells whether that was an error.
    child.stdin!.on('error', () => undefined).end(options.input ?? '');
  });
}
