import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  converge,
  Overtaken,
  Undone,
  type Clock,
  type Judged,
  type Machine,
  type Seen,
} from '../../../../components/rollover/converge.ts';
import { COLOURS, type Colour, type Order } from '../../../../components/rollover/order.ts';

const order = (subject: string): Order => ({
  ...{ host: { address: 'unix:///run/docker.sock' }, name: 'api', port: 8000, subject },
  proxy: { container: 'proxy', volume: 'upstreams' },
  body: { Image: 'i', Env: [], Labels: {}, HostConfig: {} },
  ...{ networks: [], files: [], grace: 10, sealed: { env: {}, files: {} } },
  patience: { deadline: '20s', watch: '5s', drain: '5s' },
});

const PASS: Judged = { verdict: 'pass', seen: 'healthy', reasons: [] };
const FAIL: Judged = { verdict: 'fail', seen: 'unhealthy', reasons: ['it is unhealthy'] };
const STARTING: Judged = { verdict: 'inconclusive', seen: 'starting', reasons: ['it is starting'] };

/** A host of two containers and a proxy that reads its file only when it is told to; it keeps to what must always hold. */
class Host {
  file: Colour | undefined;
  /** Where requests really go: the last reading of the file, and who still finishes what began before. */
  traffic: Colour | undefined;
  readonly colours: Partial<Record<Colour, Seen>> = {};
  readonly well: Partial<Record<string, Judged>>;
  readonly done: string[] = [];
  /** Steps until the engine dies; in the middle of one that has two halves. */
  life = Infinity;
  now = 0;

  constructor(well: Partial<Record<string, Judged>> = {}) {
    this.well = well;
  }

  #step(what: string): void {
    if (this.life-- <= 0) throw new Error('killed');
    this.done.push(what);
  }

  /** Whoever gets requests has to run. */
  #serve(): void {
    if (this.traffic === undefined) return;
    assert.equal(
      this.colours[this.traffic]?.running,
      true,
      `requests go to ${this.traffic}, after ${this.done.join()}`,
    );
  }

  machine(subject: string): Machine {
    return {
      look: () => Promise.resolve({ live: this.file, colours: { ...this.colours } }),
      create: async (colour) => {
        this.#step(`make ${colour}`);
        assert.equal(this.colours[colour], undefined, 'its name is taken');
        this.colours[colour] = { subject, running: false };
        this.#step(`start ${colour}`);
        this.colours[colour] = { subject, running: true };
        await Promise.resolve();
      },
      remove: async (colour) => {
        this.#step(`remove ${colour}`);
        Reflect.deleteProperty(this.colours, colour);
        this.#serve();
        await Promise.resolve();
      },
      judge: (colour) => {
        this.now += 100;
        const subject = this.colours[colour]?.subject ?? '';
        return Promise.resolve(
          this.well[`${subject} live`] && this.traffic === colour
            ? this.well[`${subject} live`]!
            : (this.well[subject] ?? PASS),
        );
      },
      lead: async (colour) => {
        this.#step(`write ${colour}`);
        this.file = colour;
        this.#step(`reload ${colour}`);
        this.traffic = colour;
        this.#serve();
        await Promise.resolve();
      },
      drained: () => Promise.resolve(true),
    };
  }

  clock: Clock = {
    now: () => this.now,
    sleep: (ms) => {
      this.now += ms;
      return Promise.resolve();
    },
  };

  roll(subject: string, interrupted = false) {
    return converge(order(subject), this.machine(subject), this.clock, interrupted, () => undefined);
  }

  /** What users get. */
  get serves(): string | undefined {
    return this.traffic && this.colours[this.traffic]?.subject;
  }
}

async function serving(subject: string, well: Partial<Record<string, Judged>> = {}): Promise<Host> {
  const host = new Host(well);
  await host.roll(subject);
  host.done.length = 0;
  return host;
}

test('the first version comes up in blue', async () => {
  const host = new Host();
  assert.deepEqual(await host.roll('1'), { colour: 'blue', reading: 'healthy' });
  assert.equal(host.serves, '1');
});

test('an update leads the proxy over before the old container goes', async () => {
  const host = await serving('1');
  assert.deepEqual(await host.roll('2'), { colour: 'green', reading: 'healthy' });
  const steps = ['remove green', 'make green', 'start green', 'write green', 'reload green', 'remove blue'];
  assert.deepEqual(host.done, steps);
});

test('what is live already is only looked at', async () => {
  const host = await serving('1');
  await host.roll('1');
  assert.deepEqual(host.done, []);
});

test('a version that is not well is never led to, and leaves nothing', async () => {
  const host = await serving('1', { 2: FAIL });
  await assert.rejects(host.roll('2'), (error: Error) => {
    assert.ok(error instanceof Undone);
    assert.match(error.message, /version 2 was undone, blue serves as before.*it is unhealthy/);
    return true;
  });
  assert.ok(!host.done.includes('write green'));
  assert.ok(host.now < 10_000, 'it was waited for although it had said that it is not well');
  assert.deepEqual(Object.keys(host.colours), ['blue']);
});

test('a version that does not say in time whether it is well is undone as well', async () => {
  const host = await serving('1', { 2: STARTING });
  await assert.rejects(host.roll('2'), /did not become well in 20s: inconclusive: it is starting/);
  assert.equal(host.serves, '1');
});

test('a version that falls ill once it is live is led away from', async () => {
  const host = await serving('1', { '2 live': FAIL });
  await assert.rejects(host.roll('2'), /version 2 was undone, blue serves as before.*did not stay well/);
  assert.deepEqual([host.file, host.serves, Object.keys(host.colours)], ['blue', '1', ['blue']]);
});

test('a proxy that refuses its new file is led back', async () => {
  const host = await serving('1');
  const machine = host.machine('2');
  let first = true;
  const refusing: Machine = {
    ...machine,
    lead: (colour) => {
      if (!first) return machine.lead(colour);
      first = false;
      host.file = colour;
      return Promise.reject(new Error('nginx: unexpected "}"'));
    },
  };
  await assert.rejects(
    converge(order('2'), refusing, host.clock, false, () => undefined),
    /undone.*unexpected "}"/,
  );
  assert.deepEqual([host.file, host.serves], ['blue', '1']);
});

test('one who was overtaken does nothing more', async () => {
  const host = await serving('1');
  let asked = 0;
  const lead = (): Promise<void> => (asked++, Promise.reject(new Overtaken('api')));
  const overtaken: Machine = { ...host.machine('2'), lead };
  await assert.rejects(
    converge(order('2'), overtaken, host.clock, false, () => undefined),
    (error) => error instanceof Overtaken,
  );
  assert.deepEqual([asked, host.done], [1, ['remove green', 'make green', 'start green']]);
});

// The first update takes six steps, and one more says that all of them were tried.
for (let life = 0; life <= 6; life++) {
  for (const [next, what] of [
    ['2', 'on'],
    ['1', 'back'],
    ['3', 'elsewhere'],
  ] as const) {
    test(`killed after ${life} steps, users are served, and the next update goes ${what}`, async () => {
      const host = await serving('1');
      host.life = life;
      await host.roll('2').catch((error: unknown) => assert.equal((error as Error).message, 'killed'));
      assert.ok(['1', '2'].includes(host.serves ?? ''), 'nobody serves');
      host.life = Infinity;
      await host.roll(next, true);
      assert.equal(host.serves, next);
      assert.equal(host.file, host.traffic);
      assert.deepEqual(
        Object.values(host.colours).map(({ subject }) => subject),
        [next],
      );
    });
  }
}

test('a host whose live container has died keeps the one that runs, and takes the other’s place', async () => {
  const host = new Host();
  for (const colour of COLOURS) host.colours[colour] = { subject: 'old', running: colour === 'blue' };
  host.file = 'green';
  await host.roll('2');
  assert.deepEqual(host.done.slice(0, 3), ['remove green', 'make green', 'start green']);
  assert.equal(host.serves, '2');
});
