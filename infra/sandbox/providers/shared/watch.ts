/**
 * Ends this process when the engine that started it is gone. A killed engine cannot ask its plugins to stop, and one that
 * lives on would write to a cluster that the next `pulumi up` already changes.
 */
const parent = process.ppid;
const POLL_MS = 500;

setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, POLL_MS).unref();
