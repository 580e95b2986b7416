/**
 * Stands in for the host of dynamic providers while a plan is applied to a throw-away backend: none of the program's own
 * code is run, each resource becomes what it was asked to be. Never used on a stack that is real.
 */
import { changes } from '../shared/changes.ts';
import { diffResponse } from '../shared/differ.ts';
import { announceEcho, echoing } from '../shared/echo.ts';
import { provider, type Provider, type StructProto } from '../shared/proto.ts';
import { configured, serve } from '../shared/serve.ts';
import { fromStruct, toStruct } from '../shared/values.ts';

if (!echoing) throw new Error('this plugin only repeats what it is given: it is for plans, with PLATFORM_ECHO=1');

/**
 * What others are told by a resource whose code is not run. The engine takes an output that is nowhere in the state for one
 * that is not known yet, and so would have every plan replace whoever reads it.
 */
const TOLD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'pulumi-nodejs:dynamic/release:ReleasePrepare': { next: 'planned' },
};

const withTold = (urn: string, properties: StructProto.Struct | undefined): StructProto.Struct | undefined => {
  const told = TOLD[urn.split('::')[2]?.split('$').at(-1) ?? ''];
  return told === undefined ? properties : toStruct({ ...fromStruct(properties), ...told });
};

function check(request: Provider.CheckRequest): Provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(request.getNews());
  return response;
}

function create(request: Provider.CreateRequest): Provider.CreateResponse {
  const response = new provider.CreateResponse();
  response.setId('planned');
  response.setProperties(withTold(request.getUrn(), request.getProperties()));
  return response;
}

function update(request: Provider.UpdateRequest): Provider.UpdateResponse {
  const response = new provider.UpdateResponse();
  response.setProperties(withTold(request.getUrn(), request.getNews()));
  return response;
}

function read(request: Provider.ReadRequest): Provider.ReadResponse {
  const response = new provider.ReadResponse();
  response.setId(request.getId());
  response.setProperties(request.getProperties());
  return response;
}

const diff = (request: Provider.DiffRequest): Provider.DiffResponse =>
  diffResponse(changes(fromStruct(request.getOlds()), fromStruct(request.getNews())), () => false);

await serve({
  name: 'pulumi-nodejs',
  version: '3.256.0',
  configure: () => {
    announceEcho('dynamic');
    return Promise.resolve(configured());
  },
  diffConfig: () => Promise.resolve(diffResponse([], () => false)),
  check: async (request) => check(request),
  diff: async (request) => diff(request),
  create: async (request) => create(request),
  read: async (request) => read(request),
  update: async (request) => update(request),
  remove: () => Promise.resolve(),
});
