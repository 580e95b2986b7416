'use strict';
const runner = async () => {
  const { resolve } = await import('node:path');
  const { pathToFileURL } = await import('node:url');
  return import(pathToFileURL(resolve("components/gates/run.ts")).href);
};
const ignored = new Set(["__provider","checkedAt","name","patience","reading","reasons","requirement","seconds","tries","verdict"]);
const differ = (a, b) => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a !== b;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].some((key) => differ(a[key], b[key]));
};
const judged = (all) => Object.fromEntries(Object.entries(all).filter(([key]) => !ignored.has(key)));
exports.handler = () => ({
  async diff(id, before, inputs) {
    const shut = 'verdict' in before && before.verdict !== 'pass';
    return { changes: shut || differ(judged(before), judged(inputs)) };
  },
  async create(inputs) {
    return (await runner()).create(inputs);
  },
  async update(id, before, inputs) {
    return (await runner()).update(id, before, inputs);
  },
  async delete() {},
});
