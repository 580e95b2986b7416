/**
 * A resource monitor that answers just enough for a program to run as in a preview, and says when the first resource
 * reached it. It stands where the engine would, so that what is timed is the program and nothing else.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/host/paths.ts';

const program = createRequire(join(CHECKOUT, 'package.json'));
const sdk = createRequire(program.resolve('@pulumi/pulumi'));
const grpc = sdk('@grpc/grpc-js');
const { ResourceMonitorService } = sdk('@pulumi/pulumi/proto/resource_grpc_pb.js');
const pb = sdk('@pulumi/pulumi/proto/resource_pb.js');
const { EngineService } = sdk('@pulumi/pulumi/proto/engine_grpc_pb.js');
const engine = sdk('@pulumi/pulumi/proto/engine_pb.js');
const { Empty } = sdk('google-protobuf/google/protobuf/empty_pb.js');

type Answer = (error: unknown, reply?: unknown) => void;

export interface Monitor {
  readonly address: string;
  /** Resolves with the type of the first resource that is not the stack. */
  readonly first: Promise<string>;
  close(): void;
}

export async function listen(): Promise<Monitor> {
  let arrived: (type: string) => void = () => undefined;
  const first = new Promise<string>((resolve) => (arrived = resolve));
  const server = new grpc.Server();
  const unimplemented = { code: grpc.status.UNIMPLEMENTED, message: 'not needed by the bench' };
  const every = (service: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.keys(service).map((name) => [name, (_call: unknown, answer: Answer) => answer(unimplemented)]),
    );
  server.addService(ResourceMonitorService, {
    ...every(ResourceMonitorService),
    supportsFeature: (_call: unknown, answer: Answer) => {
      const reply = new pb.SupportsFeatureResponse();
      reply.setHassupport(true);
      answer(null, reply);
    },
    registerResource: (call: { request: any }, answer: Answer) => {
      const type: string = call.request.getType();
      if (type !== 'pulumi:pulumi:Stack') arrived(type);
      const reply = new pb.RegisterResourceResponse();
      reply.setUrn(`urn:pulumi:local::platform::${type}::${String(call.request.getName())}`);
      reply.setObject(call.request.getObject());
      answer(null, reply);
    },
    registerResourceOutputs: (_call: unknown, answer: Answer) => answer(null, new Empty()),
  });
  server.addService(EngineService, {
    ...every(EngineService),
    log: (_call: unknown, answer: Answer) => answer(null, new Empty()),
    getRootResource: (_call: unknown, answer: Answer) => answer(null, new engine.GetRootResourceResponse()),
    setRootResource: (_call: unknown, answer: Answer) => answer(null, new engine.SetRootResourceResponse()),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error: Error | null, bound: number) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, first, close: () => server.forceShutdown() };
}
