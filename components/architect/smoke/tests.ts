/**
 * B's 20 smoke tests (B-SMOKE-1..20). B names what is tried and not where it is found: the paths are ours, all of them in
 * `PATHS`. Travels into the cluster: Node's own modules only.
 */
import { randomBytes } from 'node:crypto';
import { expect, type Test } from './checks.ts';
import { field, type Answer, type Client } from './client.ts';

/** Where the API has what B tries out (ours; no document states them). */
export const PATHS = {
  register: '/api/v1/auth/register',
  login: '/api/v1/auth/login',
  logout: '/api/v1/auth/logout',
  me: '/api/v1/auth/me',
  events: '/api/v1/events',
  errors: '/api/v1/errors',
  groups: '/api/v1/errors/groups',
  notifications: '/api/v1/notifications',
} as const;

/** `password` and the cookie's two marks are as the settings say (B-ENV-14, B-ENV-15). */
export interface Trial {
  readonly client: Client;
  readonly cookie: { readonly secure: boolean; readonly httpOnly: boolean };
}

const status = (answer: Answer, wanted: number, what: string): Answer => {
  expect(answer.status === wanted, `${what}: ${wanted}`, { status: answer.status, body: answer.body });
  return answer;
};

const idIn = (answer: Answer): string => {
  const id = field(answer.body, 'id');
  expect(typeof id === 'string' || typeof id === 'number', 'an id', answer.body);
  return String(id);
};

const itemsIn = ({ body }: Answer): readonly unknown[] => {
  const items = field(body, 'items');
  expect(Array.isArray(items), 'a list in "items"', body);
  return items as unknown[];
};

const has = (items: readonly unknown[], id: string): boolean => items.some((item) => String(field(item, 'id')) === id);

/** The tests in B's order. They register a user of their own; `end` takes it away, and what else of theirs can be. */
export function smokeTests({ client, cookie: marks }: Trial): { tests: readonly Test[]; end: () => Promise<void> } {
  const run = randomBytes(8).toString('hex');
  const account = { email: `smoke-${run}@architect.invalid`, password: randomBytes(18).toString('base64url') };
  const stranger = client.stranger();
  const made = { event: '', error: '', notification: '', others: [] as string[] };
  const source = `smoke-${run}`;

  const signIn = (): Promise<Answer> => client.ask('POST', PATHS.login, account);

  const authentication: Test[] = [
    {
      ...{ id: 'B-SMOKE-1', group: 'Authentication', claim: 'Login with valid credentials' },
      run: async () => {
        status(await stranger.ask('POST', PATHS.register, account), 201, 'a new user');
        status(await signIn(), 200, 'login');
        const who = status(await client.ask('GET', PATHS.me), 200, 'who is signed in');
        expect(field(who.body, 'email') === account.email, 'the user who signed in', who.body);
      },
    },
    {
      ...{ id: 'B-SMOKE-2', group: 'Authentication', claim: 'Login with invalid credentials returns 401' },
      run: async () => {
        const wrong = { ...account, password: `${account.password}x` };
        status(await stranger.ask('POST', PATHS.login, wrong), 401, 'login with a wrong password');
      },
    },
    {
      ...{ id: 'B-SMOKE-3', group: 'Authentication', claim: 'Session cookie is set correctly' },
      run: async () => {
        const { cookies } = status(await signIn(), 200, 'login');
        expect(cookies.length === 1, 'one cookie', cookies.length);
        const parts = cookies[0]!.split(';').map((part) => part.trim().toLowerCase());
        const seen = { secure: parts.includes('secure'), httpOnly: parts.includes('httponly') };
        expect(seen.secure === marks.secure && seen.httpOnly === marks.httpOnly, JSON.stringify(marks), seen);
      },
    },
    {
      ...{ id: 'B-SMOKE-4', group: 'Authentication', claim: 'Logout clears session' },
      run: async () => {
        status(await client.ask('POST', PATHS.logout), 204, 'logout');
        status(await client.ask('GET', PATHS.me), 401, 'who is signed in after logout');
        status(await signIn(), 200, 'login again, for what follows');
      },
    },
  ];

  const events: Test[] = [
    {
      ...{ id: 'B-SMOKE-5', group: 'Events', claim: 'Create event' },
      run: async () => {
        const event = { type: 'deployment', source, payload: { run } };
        made.event = idIn(status(await client.ask('POST', PATHS.events, event), 201, 'a new event'));
        for (const type of ['second', 'third']) {
          made.others.push(
            idIn(status(await client.ask('POST', PATHS.events, { ...event, type }), 201, `the ${type} event`)),
          );
        }
      },
    },
    {
      ...{ id: 'B-SMOKE-6', group: 'Events', claim: 'List events with pagination' },
      run: async () => {
        const page = async (number: number): Promise<Answer> =>
          status(
            await client.ask('GET', `${PATHS.events}?source=${source}&page=${number}&per_page=2`),
            200,
            `page ${number}`,
          );
        const [first, second] = [await page(1), await page(2)];
        expect(itemsIn(first).length === 2, 'two events on the first page', first.body);
        expect(itemsIn(second).length === 1, 'one event on the second page', second.body);
        expect(field(first.body, 'total') === 3, 'three events in all', first.body);
      },
    },
    {
      ...{ id: 'B-SMOKE-7', group: 'Events', claim: 'Get specific event' },
      run: async () => {
        const found = status(await client.ask('GET', `${PATHS.events}/${made.event}`), 200, 'the event');
        expect(field(found.body, 'payload', 'run') === run, 'what was sent', found.body);
      },
    },
    {
      ...{ id: 'B-SMOKE-8', group: 'Events', claim: 'Delete event' },
      run: async () => {
        status(await client.ask('DELETE', `${PATHS.events}/${made.event}`), 204, 'its deletion');
        status(await client.ask('GET', `${PATHS.events}/${made.event}`), 404, 'the event after that');
      },
    },
  ];

  const report = { message: `smoke ${run}`, source, severity: 'warning' };
  const errors: Test[] = [
    {
      ...{ id: 'B-SMOKE-9', group: 'Errors', claim: 'Create error (no auth required)' },
      run: async () => {
        made.error = idIn(status(await stranger.ask('POST', PATHS.errors, report), 201, 'a new error'));
      },
    },
    {
      ...{ id: 'B-SMOKE-10', group: 'Errors', claim: 'List errors' },
      run: async () => {
        const list = status(await client.ask('GET', `${PATHS.errors}?source=${source}`), 200, 'the errors');
        expect(has(itemsIn(list), made.error), `error ${made.error} among them`, list.body);
      },
    },
    {
      ...{ id: 'B-SMOKE-11', group: 'Errors', claim: 'Resolve error' },
      run: async () => {
        const resolved = status(
          await client.ask('POST', `${PATHS.errors}/${made.error}/resolve`),
          200,
          'its resolution',
        );
        expect(field(resolved.body, 'status') === 'resolved', '"resolved"', resolved.body);
      },
    },
    {
      ...{ id: 'B-SMOKE-12', group: 'Errors', claim: 'Error aggregation works' },
      run: async () => {
        for (const again of [1, 2]) {
          status(await stranger.ask('POST', PATHS.errors, report), 201, `the same error, time ${again + 1}`);
        }
        const { body } = status(await client.ask('GET', `${PATHS.groups}?source=${source}`), 200, 'the groups');
        const groups = itemsIn({ status: 200, body, cookies: [] });
        expect(groups.length === 1 && field(groups[0], 'count') === 3, 'one group of three', body);
      },
    },
  ];

  const notifications: Test[] = [
    {
      ...{ id: 'B-SMOKE-13', group: 'Notifications', claim: 'Create notification' },
      run: async () => {
        const notification = { title: 'smoke', body: run };
        made.notification = idIn(
          status(await client.ask('POST', PATHS.notifications, notification), 201, 'a new notification'),
        );
      },
    },
    {
      ...{ id: 'B-SMOKE-14', group: 'Notifications', claim: 'List notifications' },
      run: async () => {
        const list = status(await client.ask('GET', PATHS.notifications), 200, 'the notifications');
        expect(has(itemsIn(list), made.notification), `notification ${made.notification} among them`, list.body);
      },
    },
    {
      ...{ id: 'B-SMOKE-15', group: 'Notifications', claim: 'Mark as read' },
      run: async () => {
        const path = `${PATHS.notifications}/${made.notification}/read`;
        const { body } = status(await client.ask('POST', path), 200, 'marking it');
        expect(field(body, 'read') === true, 'a read one', body);
      },
    },
    {
      ...{ id: 'B-SMOKE-16', group: 'Notifications', claim: 'Delete notification' },
      run: async () => {
        const path = `${PATHS.notifications}/${made.notification}`;
        status(await client.ask('DELETE', path), 204, 'its deletion');
        const list = status(await client.ask('GET', PATHS.notifications), 200, 'the notifications after that');
        expect(!has(itemsIn(list), made.notification), 'it not among them', list.body);
      },
    },
  ];

  const health = (): Promise<Answer> => stranger.ask('GET', '/health');
  const healthy: Test[] = [
    {
      ...{ id: 'B-SMOKE-17', group: 'Health', claim: 'Health check returns 200' },
      run: async () => {
        status(await health(), 200, '/health');
      },
    },
    {
      ...{ id: 'B-SMOKE-18', group: 'Health', claim: 'All components report healthy' },
      run: async () => {
        const { body } = await health();
        const components = ['database', 'cache', 'external_services'].map((name) => field(body, 'components', name));
        const words = [field(body, 'status'), ...components];
        expect(
          words.every((word) => word === 'healthy'),
          '"healthy" of all',
          body,
        );
      },
    },
    {
      ...{ id: 'B-SMOKE-19', group: 'Health', claim: 'Metrics endpoint responds' },
      run: async () => {
        const { body } = status(await stranger.ask('GET', '/metrics'), 200, '/metrics');
        expect(/^http_requests_total\b/m.test(String(body)), 'http_requests_total', String(body).slice(0, 80));
      },
    },
    {
      ...{ id: 'B-SMOKE-20', group: 'Health', claim: 'Database connection works' },
      run: async () => {
        const { body } = await health();
        expect(field(body, 'components', 'database') === 'healthy', 'a healthy database', body);
      },
    },
  ];

  return {
    tests: [...authentication, ...events, ...errors, ...notifications, ...healthy],
    end: async () => {
      for (const id of made.others) await client.ask('DELETE', `${PATHS.events}/${id}`);
      await client.ask('DELETE', PATHS.me);
    },
  };
}
