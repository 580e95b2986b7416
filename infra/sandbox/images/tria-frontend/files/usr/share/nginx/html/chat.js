// One question, one answer, by the backend behind the same address.
const session = crypto.randomUUID();
const answer = document.getElementById('answer');

document.getElementById('ask').addEventListener('submit', async (event) => {
  event.preventDefault();
  const message = new FormData(event.target).get('message');
  const body = JSON.stringify({ message, session_id: session });
  const headers = { 'content-type': 'application/json' };
  const reply = await fetch('/api/chatbot', { method: 'POST', headers, body });
  answer.textContent = reply.ok ? (await reply.json()).response : `error ${reply.status}`;
});
