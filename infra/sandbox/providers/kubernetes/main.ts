/**
 * A small stand-in for the official kubernetes plugin: plain objects only, in the sandbox only. It keeps that plugin's
 * state, field managers and plans, so that either can go on where the other stopped.
 */
import { serve } from '../shared/serve.ts';
import { check } from './check.ts';
import { diff } from './diff.ts';
import { read, remove } from './read.ts';
import { cancelled, configure, diffConfig } from './session.ts';
import { create, update } from './write.ts';

await serve({
  name: 'kubernetes',
  version: '4.34.2',
  configure,
  diffConfig,
  check,
  diff,
  create,
  read,
  update,
  remove,
  cancel: () => cancelled.abort(),
});
