// A store of metrics that says what it was told: two lists, of which each look takes the next answer, over and over. A query
// is the name of a list; `null` is a query that matches no series. Lists come in on standard input, one JSON a line.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

let answers = { value: [null], requests: [null] };
const looks = { value: 0, requests: 0 };

createInterface({ input: process.stdin })
  .on('line', (line) => {
    answers = JSON.parse(line);
    Object.assign(looks, { value: 0, requests: 0 });
  })
  .on('close', () => process.exit(0));

createServer((request, response) => {
  const query = new URL(request.url, 'http://store').searchParams.get('query');
  const list = answers[query];
  const answer = list[looks[query]++ % list.length];
  const result = answer === null ? [] : [{ metric: {}, value: [Date.now() / 1000, String(answer)] }];
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
}).listen(Number(process.argv[2]), () => console.log('listening'));
