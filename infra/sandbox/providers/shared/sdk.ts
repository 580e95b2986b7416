/**
 * The Pulumi SDK as a source of programs and of gRPC stubs. It publishes both as CommonJS without an export map, and its
 * own dependencies (gRPC, protobuf, YAML) come with it.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * A file of the SDK that a program uses.
 *
 * @param directory the program's folder; the SDK is looked for there and above
 * @param path below the package: `cmd/run`
 * @throws when the program's dependencies are not installed
 */
export function sdkFile(directory: string, path: string): string {
  try {
    return createRequire(join(directory, 'package.json')).resolve(`@pulumi/pulumi/${path}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`${directory} has no @pulumi/pulumi/${path}: run \`npm ci\` in the folder of its package.json`, {
      cause: error,
    });
  }
}

/** Loads modules as the SDK would: its own files by `./…`, its dependencies by their name. */
export const sdkRequire = (directory: string): NodeJS.Require => createRequire(sdkFile(directory, 'package.json'));
