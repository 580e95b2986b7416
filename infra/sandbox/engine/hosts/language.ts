/**
 * The language host: what the engine asks to run a Node.js program. It is only obtainable with a download of the whole
 * CLI, so this one stands in where just package registries are reachable. The program itself is run by the SDK's own
 * executor.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type * as Grpc from '@grpc/grpc-js';
import type * as Language from '@pulumi/pulumi/proto/language_pb.js';
import { dependencies, requiredPlugins } from './packages.ts';
import { sdkFile } from '../../providers/shared/sdk.ts';
import '../../providers/shared/watch.ts';
import { empty, grpc, language, plugin, serve, version } from './sdk.ts';

/** How the SDK's executor ends when it has already told the user what was wrong. */
const ALREADY_EXPLAINED = 32;
/** How long a cancelled program may take to end before it is killed. */
const GRACE_MS = 5000;

const children = new Set<ChildProcess>();
// The flags that the engine adds for tracing and logging are not ours; its address comes last, or with the handshake.
let engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith('-')) ?? '';

type Unary<Request, Response> = Grpc.handleUnaryCall<Request, Response>;
type Options = Record<string, unknown>;

/** Answers a call with what `answer` returns, or with what it throws. */
const unary =
  <Request, Response>(answer: (request: Request) => Response | Promise<Response>): Unary<Request, Response> =>
  (call, callback) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({ code: grpc.status.UNKNOWN, message: error instanceof Error ? error.message : String(error) }),
      );
  };

const unsupported =
  (what: string) =>
  (_call: unknown, callback: (error: Partial<Grpc.StatusObject>) => void): void =>
    callback({
      code: grpc.status.UNIMPLEMENTED,
      details: `this language host runs programs; for ${what}, install the Pulumi CLI the usual way`,
    });

/** Ends a stream with an error. To destroy it instead would leave the engine waiting. */
function refuse(call: Grpc.ServerWritableStream<unknown, unknown>, code: Grpc.status, error: unknown): void {
  call.emit('error', { code, details: error instanceof Error ? error.message : String(error) });
}

const optionsOf = (info: Language.ProgramInfo): Options => info.getOptions()?.toJavaScript() ?? {};
const nodeArguments = ({ nodeargs }: Options): string[] =>
  typeof nodeargs === 'string' ? nodeargs.split(' ').filter((argument) => argument !== '') : [];

/** The options that the SDK's executor reads from the environment. */
function typescriptEnvironment({ typescript, tsconfig }: Options): Record<string, string> {
  return {
    ...(typescript !== false && typescript !== 'false' && { PULUMI_NODEJS_TYPESCRIPT: 'true' }),
    ...(typeof tsconfig === 'string' && { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
  };
}

function start(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, output: 'inherit' | 'pipe'): ChildProcess {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', output, output] });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

function stop(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
}

/** The exit code, or the number shells give to an end by a signal. */
const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });

async function run(request: Language.RunRequest): Promise<Language.RunResponse> {
  const info = request.getInfo()!;
  const directory = info.getProgramDirectory();
  const flags: Record<string, string> = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    'root-directory': info.getRootDirectory(),
    stack: request.getStack(),
    pwd: directory,
    parallel: String(request.getParallel()),
  };
  const config = request
    .getConfigMap()
    .toArray()
    .map(([key, value]: [string, string]) => [key.replace(':', ':config:'), value]);
  const options = optionsOf(info);
  const child = start(
    [
      ...nodeArguments(options),
      sdkFile(directory, 'cmd/run'),
      ...Object.entries(flags).flatMap(([flag, value]) => (value === '' ? [] : [`--${flag}`, value])),
      ...(request.getDryrun() ? ['--dry-run'] : []),
      info.getEntryPoint(),
      ...request.getArgsList(),
    ],
    directory,
    {
      ...process.env,
      ...typescriptEnvironment(options),
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    'inherit',
  );
  const code = await ended(child);
  const response = new language.RunResponse();
  if (code === ALREADY_EXPLAINED) response.setBail(true);
  else if (code !== 0) response.setError(`Program exited with non-zero exit code: ${code}`);
  return response;
}

/** Runs a provider or a policy pack that is written in TypeScript or JavaScript and has no executable of its own. */
function runPlugin(call: Grpc.ServerWritableStream<Language.RunPluginRequest, Language.RunPluginResponse>): void {
  const request = call.request;
  const directory = request.getInfo()!.getProgramDirectory();
  const analyzer = request.getKind() === 'analyzer';
  const fail = (error: unknown) => refuse(call, grpc.status.UNKNOWN, error);
  try {
    const host = sdkFile(directory, analyzer ? 'cmd/run-policy-pack' : 'cmd/run-plugin');
    const engine = request.getArgsList();
    const environment = request.getEnvList().map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    });
    const child = start(
      [
        ...nodeArguments(optionsOf(request.getInfo()!)),
        host,
        ...(analyzer ? [...engine, directory] : [directory, ...engine]),
      ],
      analyzer ? directory : request.getPwd(),
      Object.fromEntries(environment) as NodeJS.ProcessEnv,
      'pipe',
    );
    const answer = (fill: (response: Language.RunPluginResponse) => void) => {
      const response = new language.RunPluginResponse();
      fill(response);
      call.write(response);
    };
    child.stdout!.on('data', (bytes: Buffer) => answer((response) => response.setStdout(bytes)));
    child.stderr!.on('data', (bytes: Buffer) => answer((response) => response.setStderr(bytes)));
    call.on('cancelled', () => stop(child));
    ended(child).then((code) => {
      answer((response) => response.setExitcode(code));
      call.end();
    }, fail);
  } catch (error) {
    fail(error);
  }
}

await serve({
  handshake: unary((request: Language.LanguageHandshakeRequest) => {
    engineAddress = request.getEngineAddress();
    return new language.LanguageHandshakeResponse();
  }),
  getPluginInfo: unary(() => {
    const info = new plugin.PluginInfo();
    info.setVersion(version);
    return info;
  }),
  getRequiredPlugins: unsupported('GetRequiredPlugins, use GetRequiredPackages; otherwise'),
  getRequiredPackages: unary((request: Language.GetRequiredPackagesRequest) => {
    const response = new language.GetRequiredPackagesResponse();
    for (const required of requiredPlugins(request.getInfo()!.getProgramDirectory())) {
      const dependency = new plugin.PackageDependency();
      dependency.setName(required.name);
      dependency.setKind('resource');
      dependency.setVersion(required.version);
      if (required.server) dependency.setServer(required.server);
      response.addPackages(dependency);
    }
    return response;
  }),
  about: unary(() => {
    const response = new language.AboutResponse();
    response.setExecutable(process.execPath);
    response.setVersion(process.version);
    return response;
  }),
  getProgramDependencies: unary((request: Language.GetProgramDependenciesRequest) => {
    const response = new language.GetProgramDependenciesResponse();
    const directory = request.getInfo()!.getProgramDirectory();
    for (const { name, version: installed } of dependencies(directory, request.getTransitivedependencies())) {
      const dependency = new language.DependencyInfo();
      dependency.setName(name);
      dependency.setVersion(installed);
      response.addDependencies(dependency);
    }
    return response;
  }),
  run: unary(run),
  runPlugin,
  cancel: unary(() => {
    children.forEach(stop);
    return new empty.Empty();
  }),
  // The engine takes "unimplemented" for these two as "nothing to ask" and "nothing to fill in".
  runtimeOptionsPrompts: unsupported('prompts'),
  template: unsupported('`pulumi new`'),
  installDependencies: (call: Grpc.ServerWritableStream<unknown, unknown>) =>
    refuse(call, grpc.status.UNIMPLEMENTED, 'install the dependencies with `npm ci`'),
  generateProgram: unsupported('`pulumi convert`'),
  generateProject: unsupported('`pulumi convert`'),
  generatePackage: unsupported('`pulumi package`'),
  pack: unsupported('`pulumi package`'),
  link: unsupported('`pulumi package`'),
});
