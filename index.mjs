// The entry: plain JavaScript, so that a Node that cannot read TypeScript still says what to do.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `This program needs Node 22.18 or newer and found ${process.versions.node} at ${process.execPath}.\n` +
      'Install a newer one and put it first on PATH; `make up` fetches one for the sandbox by itself.\n',
  );
  process.exit(1);
}
// Nothing here is compiled to something else, so no source map is needed; the SDK's search for them takes 0.3 s a run.
Error.prepareStackTrace = undefined;
// What Node has parsed and stripped of types once is kept for the next run: another 0.2 s.
module.enableCompileCache(fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)));

const { outputs } = await import('./stacks/index.ts');
export default outputs;
