/** The stubs of the language host, and the server it runs on. */
import type * as Grpc from '@grpc/grpc-js';
import type * as Language from '@pulumi/pulumi/proto/language_pb.js';
import type * as Plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import type * as Empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { sdkRequire } from '../../providers/shared/sdk.ts';

const own = sdkRequire(import.meta.dirname);

export const grpc = own('@grpc/grpc-js') as typeof Grpc;
export const language = own('./proto/language_pb.js') as typeof Language;
export const plugin = own('./proto/plugin_pb.js') as typeof Plugin;
export const empty = own('google-protobuf/google/protobuf/empty_pb.js') as typeof Empty;
/** The version of the SDK that these hosts were taken from. */
export const { version } = own('./package.json') as { version: string };

const services = own('./proto/language_grpc_pb.js') as { LanguageRuntimeService: Grpc.ServiceDefinition };

/** Serves the language host on a free port of this machine, and tells the engine which: the first line it reads. */
export async function serve(implementation: Grpc.UntypedServiceImplementation): Promise<void> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(services.LanguageRuntimeService, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
}
