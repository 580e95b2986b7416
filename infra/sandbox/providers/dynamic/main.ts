/**
 * Stands in for the host of dynamic providers while a plan is applied to a throw-away backend: none of the program's own
 * code is run, each resource becomes what it was asked to be. Never used on a stack that is real.
 */
import { changes } from '../shared/changes.ts';
import { diffResponse } from '../shared/differ.ts';
import { announceEcho, echoing } from '../shared/echo.ts';
import { provider, type Provider } from '../shared/proto.ts';
import { configured, serve } from '../shared/serve.ts';
import { fromStruct } from '../shared/values.ts';

if (!echoing) throw new Error('this plugin only repeats what it is given: it is for plans, with PLATFORM_ECHO=1');

function check(request: Provider.CheckRequest): Provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(request.getNews());
  return response;
}

function create(request: Provider.CreateRequest): Provider.CreateResponse {
  const response = new provider.CreateResponse();
  response.setId('planned');
  response.setProperties(request.getProperties());
  return response;
}

function update(request: Provider.UpdateRequest): Provider.UpdateResponse {
  const response = new provider.UpdateResponse();
  response.setProperties(request.getNews());
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
