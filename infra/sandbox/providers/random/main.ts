/** A small stand-in for the official random plugin. Its state is the official one's, so that either can go on with it. */
import { changes } from '../shared/changes.ts';
import { diffResponse } from '../shared/differ.ts';
import { announceEcho, echoing } from '../shared/echo.ts';
import { provider, type Provider } from '../shared/proto.ts';
import { configured, serve } from '../shared/serve.ts';
import { conceal, fromStruct, hasUnknown, revealAll, toStruct, unknown } from '../shared/values.ts';
import { complete, kindOf, stateOf } from './kinds.ts';
import { fresh, repeatable } from './source.ts';

function check(request: Provider.CheckRequest): Provider.CheckResponse {
  const kind = kindOf(request.getType());
  const inputs = fromStruct(request.getNews());
  const response = new provider.CheckResponse();
  response.setInputs(request.getNews());
  const reasons = [
    ...kind.required.filter((key) => inputs[key] === undefined).map((key) => [key, 'found nothing; it is required']),
    ...Object.keys(inputs)
      .filter((key) => key !== 'keepers' && !(key in kind.inputs))
      .map((key) => [key, `this kind has ${['keepers', ...Object.keys(kind.inputs)].join(', ')}`]),
  ];
  for (const [property = '', reason = ''] of reasons) {
    const failure = new provider.CheckFailure();
    failure.setProperty(property);
    failure.setReason(`${property}: ${reason}`);
    response.addFailures(failure);
  }
  return response;
}

/** Compares what is wanted with what the state was made of, defaults filled in on both sides. */
function diff(request: Provider.DiffRequest): Provider.DiffResponse {
  const kind = kindOf(request.getType());
  const before = complete(kind, revealAll(fromStruct(request.getOlds())));
  const after = complete(kind, revealAll(fromStruct(request.getNews())));
  // One entry a property, however deep it differs, as the official plugin tells it.
  const found = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => changes(before[key], after[key]).length > 0,
  );
  return diffResponse(
    found.map((key) => ({ path: [key], kind: 'update' })),
    () => true,
  );
}

function create(request: Provider.CreateRequest): Provider.CreateResponse {
  const kind = kindOf(request.getType());
  const model = fromStruct(request.getProperties());
  const inputs = revealAll(model);
  const response = new provider.CreateResponse();
  if (request.getPreview() || hasUnknown(inputs)) {
    const made = Object.fromEntries(kind.made.map((key) => [key, unknown]));
    response.setProperties(toStruct(conceal(stateOf(kind, inputs, made), model)));
    return response;
  }
  const { id, values } = kind.make(complete(kind, inputs), echoing ? repeatable(request.getUrn()) : fresh);
  const made = kind.made.includes('id') ? { ...values, id } : values;
  response.setId(id);
  response.setProperties(toStruct(conceal(stateOf(kind, inputs, made), model)));
  return response;
}

/** Nothing outside the state knows the value. */
function read(request: Provider.ReadRequest): Provider.ReadResponse {
  if (Object.keys(fromStruct(request.getProperties())).length === 0) {
    throw new Error('the fallback random plugin imports nothing: install the official one');
  }
  const response = new provider.ReadResponse();
  response.setId(request.getId());
  response.setProperties(request.getProperties());
  response.setInputs(request.getInputs());
  return response;
}

const unchanged = (): Provider.DiffResponse => diffResponse([], () => false);

await serve({
  name: 'random',
  version: '4.21.2',
  configure: () => {
    if (echoing) announceEcho('random');
    return Promise.resolve(configured());
  },
  diffConfig: () => Promise.resolve(unchanged()),
  check: async (request) => check(request),
  diff: async (request) => diff(request),
  create: async (request) => create(request),
  read: async (request) => read(request),
  update: () => Promise.reject(new Error('a random value is replaced, never updated')),
  remove: () => Promise.resolve(),
});
