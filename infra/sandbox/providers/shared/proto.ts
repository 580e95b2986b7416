/** The gRPC stubs of the program's SDK: the engine starts a plugin in the program's folder. */
import type * as Grpc from '@grpc/grpc-js';
import type * as EngineService from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import type * as Engine from '@pulumi/pulumi/proto/engine_pb.js';
import type * as Plugin from '@pulumi/pulumi/proto/plugin_pb.js';
import type * as Provider from '@pulumi/pulumi/proto/provider_pb.js';
import type * as Status from '@pulumi/pulumi/proto/status_pb.js';
import type * as AnyProto from 'google-protobuf/google/protobuf/any_pb.js';
import type * as EmptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import type * as StructProto from 'google-protobuf/google/protobuf/struct_pb.js';
import { sdkRequire } from './sdk.ts';

const load = sdkRequire(process.cwd());

export const grpc = load('@grpc/grpc-js') as typeof Grpc;
export const provider = load('./proto/provider_pb.js') as typeof Provider;
export const plugin = load('./proto/plugin_pb.js') as typeof Plugin;
export const engine = load('./proto/engine_pb.js') as typeof Engine;
export const status = load('./proto/status_pb.js') as typeof Status;
export const { Any } = load('google-protobuf/google/protobuf/any_pb.js') as typeof AnyProto;
export const { Empty } = load('google-protobuf/google/protobuf/empty_pb.js') as typeof EmptyProto;
export const { Struct } = load('google-protobuf/google/protobuf/struct_pb.js') as typeof StructProto;
export const { EngineClient } = load('./proto/engine_grpc_pb.js') as typeof EngineService;
export const { ResourceProviderService } = load('./proto/provider_grpc_pb.js') as {
  ResourceProviderService: Grpc.ServiceDefinition;
};
export const parseYaml = (load('js-yaml') as { load: (text: string) => unknown }).load;

export type { AnyProto, EmptyProto, Grpc, Provider, StructProto };
