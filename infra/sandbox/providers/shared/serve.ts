/** The gRPC side of a provider plugin, the same for each of ours. */
import { Any, Empty, engine, EngineClient, grpc, plugin, provider, ResourceProviderService, status } from './proto.ts';
import type { Grpc, Provider } from './proto.ts';
import { toStruct, type Tree } from './values.ts';
import './watch.ts';

/** What a plugin does. A method that is not here is answered as unimplemented. */
export interface Plugin {
  readonly name: string;
  /** The version of the official plugin that this one stands in for. */
  readonly version: string;
  readonly configure: (request: Provider.ConfigureRequest) => Promise<Provider.ConfigureResponse>;
  readonly diffConfig: (request: Provider.DiffRequest) => Promise<Provider.DiffResponse>;
  readonly check: (request: Provider.CheckRequest) => Promise<Provider.CheckResponse>;
  readonly diff: (request: Provider.DiffRequest) => Promise<Provider.DiffResponse>;
  readonly create: (request: Provider.CreateRequest) => Promise<Provider.CreateResponse>;
  readonly read: (request: Provider.ReadRequest) => Promise<Provider.ReadResponse>;
  readonly update: (request: Provider.UpdateRequest) => Promise<Provider.UpdateResponse>;
  readonly remove: (request: Provider.DeleteRequest) => Promise<void>;
  readonly cancel?: () => void;
}

/** The object exists but is not what it should be: the engine keeps its state and tries again the next time. */
export class NotReady extends Error {
  readonly detail: Provider.ErrorResourceInitFailed;

  /**
   * @param inputs only of a read, which may have found others
   */
  constructor(id: string, properties: Tree, reasons: readonly string[], inputs?: Tree) {
    super(reasons[0]);
    this.detail = new provider.ErrorResourceInitFailed();
    this.detail.setId(id);
    this.detail.setProperties(toStruct(properties));
    this.detail.setReasonsList([...reasons]);
    if (inputs) this.detail.setInputs(toStruct(inputs));
  }
}

// The flags that the engine adds for tracing and logging are not ours.
const address = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
const client = address === undefined ? undefined : new EngineClient(address, grpc.credentials.createInsecure());

const { LogSeverity } = engine;

function log(severity: (typeof LogSeverity)[keyof typeof LogSeverity], text: string, urn = '', passing = false): void {
  const request = new engine.LogRequest();
  request.setUrn(urn);
  request.setSeverity(severity);
  request.setMessage(text);
  request.setEphemeral(passing);
  // A line that the engine could not take is not worth failing for.
  client?.log(request, () => undefined);
}

/** A line beside a resource, gone when the next one comes. */
export const tell = (urn: string, text: string): void => log(LogSeverity.INFO, text, urn, true);
/** A warning that stays, among the diagnostics at the end. */
export const warn = (text: string): void => log(LogSeverity.WARNING, text);

/** What the engine is told of an error: for a {@link NotReady} with the state it is to keep. */
function failure(error: unknown): Partial<Grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof NotReady) {
    const [any, detail] = [new Any(), new status.Status()];
    any.pack(error.detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
    detail.setCode(grpc.status.UNKNOWN);
    detail.setMessage(message);
    detail.addDetails(any);
    metadata.add('grpc-status-details-bin', Buffer.from(detail.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}

type Method<Request, Response> = (request: Request) => Response | Promise<Response>;

const answering =
  <Request, Response>(method: Method<Request, Response>): Grpc.handleUnaryCall<Request, Response> =>
  (call, callback) => {
    Promise.resolve(call.request)
      .then(method)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failure(error)),
      );
  };

function handshake(): Provider.ProviderHandshakeResponse {
  const response = new provider.ProviderHandshakeResponse();
  response.setAcceptSecrets(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}

/** Accepts what it is given: the checks of a provider's own settings are made when it is configured. */
function checkConfig(request: Provider.CheckRequest): Provider.CheckResponse {
  const response = new provider.CheckResponse();
  response.setInputs(request.getNews());
  return response;
}

/** Serves the plugin on a free port of this machine, and tells the engine which: the first line it reads. */
export async function serve(served: Plugin): Promise<void> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  const empty = () => new Empty();
  server.addService(ResourceProviderService, {
    handshake: answering(handshake),
    getPluginInfo: answering(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(served.version);
      return info;
    }),
    checkConfig: answering(checkConfig),
    diffConfig: answering(served.diffConfig),
    configure: answering(served.configure),
    check: answering(served.check),
    diff: answering(served.diff),
    create: answering(served.create),
    read: answering(served.read),
    update: answering(served.update),
    delete: answering((request: Provider.DeleteRequest) => served.remove(request).then(empty)),
    cancel: answering(() => {
      served.cancel?.();
      return empty();
    }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  process.stdout.write(`${port}\n`);
}

/** What a plugin says once it is configured: secrets come in envelopes, previews are served. */
export function configured(): Provider.ConfigureResponse {
  const response = new provider.ConfigureResponse();
  response.setAcceptsecrets(true);
  response.setAcceptresources(false);
  response.setSupportspreview(true);
  response.setSupportsAutonamingConfiguration(true);
  return response;
}
