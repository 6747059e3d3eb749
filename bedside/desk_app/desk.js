/** The ticket's conversation: new messages appear by themselves. Text is only ever set as text, never read as HTML. */
const log = document.getElementById('log');

function line({ id, who, sender, text, at }) {
  const item = document.createElement('div');
  item.className = sender;
  item.dataset.id = id;
  const head = document.createElement('p');
  head.className = 'who';
  head.textContent = `${who} · ${at}`;
  const body = document.createElement('p');
  body.textContent = text;
  item.append(head, body);
  return item;
}

async function look() {
  const last = log.lastElementChild?.dataset.id ?? 0;
  const answer = await fetch(`${log.dataset.source}?after=${last}`, { redirect: 'error' });
  if (!answer.ok) return;
  const { said, state } = await answer.json();
  said.forEach((one) => log.append(line(one)));
  if (said.length) log.lastElementChild.scrollIntoView({ block: 'nearest' });
  const writing = [...document.querySelectorAll('textarea, input:not([type=hidden])')].some(({ value }) => value);
  if ((state ?? '') !== log.dataset.state && !writing) window.location.reload(); // nothing half-written is lost
}

if (log) {
  log.lastElementChild?.scrollIntoView({ block: 'nearest' });
  setInterval(() => look().catch(() => {}), 1500);
}
