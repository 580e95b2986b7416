/**
 * The dynamic-provider host and the policy host: both are programs inside the SDK. The SDK is the one of the program or
 * policy pack in whose folder the engine starts the host, so that host and program never disagree about a version.
 */
import { pathToFileURL } from 'node:url';
import { sdkFile } from '../../providers/shared/sdk.ts';
import '../../providers/shared/watch.ts';

const [command, ...args] = process.argv.slice(2);
const file = sdkFile(process.cwd(), `cmd/${command ?? ''}`);
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);
