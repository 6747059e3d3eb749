/**
 * The patient's chat page: what was said, what is still to be sent, and the line to the server.
 * No text is ever read as HTML; every label comes from labels.json.
 *
 * @typedef {object} Entry  One line of the log; `state` is set while the server has not taken a patient's message.
 * @property {'patient'|'bedside'|'staff'|'note'} from
 * @property {string} text
 * @property {{title: string}[]} [buttons]
 * @property {'sending'|'waiting'|'not_sent'} [state]
 * Also `id`, `at` (ISO time), `lang`, `emergency`, each where known, and `node`, its element once drawn.
 * @typedef {{id: string, text: string, at: string, tried?: boolean}} Outgoing  Said, but not acknowledged yet.
 */

const TOKEN = 'bedside.token';
const QUEUE = 'bedside.queue';
const LANGUAGE = 'bedside.language';
const RECEIPT_MS = 8000; // how long to wait for the server to acknowledge a message
const RETRY_MS = { too_fast: 2500, unavailable: 6000, silence: 500 };
const LONGEST_WAIT_MS = 30000;
const PHONE = /(?:\+?1[ .\u00a0-]?)?\(?\b\d{3}\)?[ .\u00a0-]\d{3}[ .\u00a0-]\d{4}\b|\b(?:911|988)\b/;
const LINK = new RegExp(`https://[^\\s<>"']+|${PHONE.source}`, 'g');
const isAddress = (found) => found.startsWith('https:');
const isAnswer = ({ from }) => from === 'bedside' || from === 'staff';

const $ = (id) => document.getElementById(id);
const page = document.documentElement;
const composer = $('composer');
const socket = window.io({ path: '/chat/socket.io', autoConnect: false, auth: (give) => give({ token }) });

/** sessionStorage, or this page's own memory where the browser forbids storage. */
const storage = (() => {
  const kept = new Map();
  const own = { getItem: (key) => kept.get(key), setItem: (...pair) => kept.set(...pair), clear: () => kept.clear() };
  try { return window.sessionStorage ?? own; } catch { return own; }
})();

let labels = {};
let language = 'en';
let token = storage.getItem(TOKEN) ?? null;
let queue = /** @type {Outgoing[]} */ (JSON.parse(storage.getItem(QUEUE) ?? '[]'));
let entries = /** @type {Entry[]} */ (queue.map(asEntry));
const inFlight = new Set(); // ids of messages emitted and not yet acknowledged
let connection = 'connecting'; // or 'online', 'offline', 'lost'
let trouble = null; // why the last message was not taken, as a label's name
let shownState = 'connecting';
let asking = 0; // number of the latest request for a session; an older one gives up
let refusals = 0;

/* ---- Labels and elements ---- */
/** The label `name` in the page's language, with the clinic's facts (organization, assistant, phone) filled in. */
function label(name) {
  return (labels[language]?.[name] ?? '').replace(/\{(\w+)\}/g, (_, fact) => page.dataset[fact]);
}

/** A new element with properties and children (elements or plain text). */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Write every label of the page in the current language, and draw the log again. */
function showLabels() {
  const every = (selector) => document.querySelectorAll(selector);
  const known = Object.keys(labels);
  const other = known[(known.indexOf(language) + 1) % known.length];
  page.lang = language;
  page.dir = labels[language].dir;
  document.title = label('page_title');
  every('[data-label]').forEach((element) => { element.textContent = label(element.dataset.label); });
  every('[data-name]').forEach((element) => element.setAttribute('aria-label', label(element.dataset.name)));
  Object.assign($('language'), { textContent: labels[other].language_name, lang: other });
  drawAll();
  showStatus();
}

/** The language chosen in this tab, else the browser's first that labels.json has, else English. */
function preferredLanguage() {
  const wanted = [storage.getItem(LANGUAGE) ?? '', ...(navigator.languages ?? [navigator.language])];
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find((tag) => tag in labels) ?? 'en';
}

/** Tell screen readers, politely and in order, through the one live region of the page. */
function announce(...parts) {
  const spoken = make('p', {}, parts.filter(Boolean).join(' '));
  $('announcer').append(spoken);
  setTimeout(() => spoken.remove(), 15000);
}

/** `text` as nodes, with https addresses and phone numbers made into links. */
function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const found = match[0].replace(/[.,;:!?)\]]+$/, '');
    const end = match.index + found.length;
    const inLonger = /[\w$#.,-]/.test(text.charAt(match.index - 1)) || /^(\w|[.,%-]\d)/.test(text.slice(end, end + 2));
    if (inLonger && !isAddress(found)) continue; // part of an amount or an account number
    nodes.push(text.slice(from, match.index), link(found));
    from = end;
  }
  return [...nodes, text.slice(from)];
}

function link(found) {
  const digits = found.replace(/\D/g, '');
  const abroad = { 10: '+1', 11: '+' }[digits.length] ?? ''; // 911 and 988 stay as they are
  if (!isAddress(found)) return make('a', { href: `tel:${abroad}${digits}` }, found);
  const hint = make('span', { className: 'unseen' }, ` ${label('new_tab')}`);
  return make('a', { href: found, target: '_blank', rel: 'noopener noreferrer' }, found, hint);
}

/* ---- The log ---- */
/** How a message that is still to be sent looks in the log. @returns {Entry} */
function asEntry(item) {
  return { from: 'patient', id: item.id, text: item.text, at: item.at, state: 'waiting' };
}

/** The small line under a message: when it was said, or that it has not gone out yet. */
function fine(entry) {
  const at = new Date(entry.at);
  const line = make('p', { className: 'fine' }, entry.state ? label(entry.state) : '');
  if (entry.state || !entry.at) return line;
  const day = at.toDateString() === new Date().toDateString() ? {} : { dateStyle: 'medium' };
  const clock = new Intl.DateTimeFormat(`${language}-US`, { timeStyle: 'short', ...day });
  line.append(make('time', { dateTime: at.toISOString() }, clock.format(at)));
  return line;
}

/** The link of an emergency message to 911 or 988. */
function emergencyCall(number) {
  const words = [make('strong', {}, label(`call_${number}`)), make('span', {}, label(`emergency_${number}`))];
  return make('a', { className: 'button urgent', href: `tel:${number}` }, ...words);
}

/** Draw one entry at the end of the log. @param {Entry} entry */
function draw(entry) {
  const content = isAnswer(entry) ? linked(entry.text) : [entry.text];
  const text = make('p', { className: 'text', dir: 'auto' }, ...content);
  if (entry.lang) text.lang = entry.lang;
  const bubble = make('div', { className: 'bubble' }, text);
  entry.node = make('div', { className: `entry ${entry.from}` }, bubble, fine(entry));
  const who = { patient: label('you'), bedside: page.dataset.assistant, staff: label('staff') }[entry.from];
  if (who) entry.node.prepend(make('p', { className: 'who' }, who));
  if (entry.emergency) {
    entry.node.classList.add('emergency');
    bubble.prepend(make('p', { className: 'alarm' }, label('emergency_heading')));
    bubble.append(make('div', { className: 'calls' }, emergencyCall('911'), emergencyCall('988')));
  }
  $('log').append(entry.node);
}

/** Draw the whole log again, without announcing it. */
function drawAll() {
  $('log').replaceChildren();
  entries.forEach(draw);
  showChoices();
}

function add(entry) {
  entries.push(entry);
  draw(entry);
  showChoices();
}

/** Quick replies of the last message, which go as soon as anything else is said. */
function showChoices() {
  const group = $('choices');
  const hadFocus = group.contains(document.activeElement);
  const look = { type: 'button', className: 'button choice', dir: 'auto' };
  const buttons = entries[entries.length - 1]?.buttons ?? [];
  group.replaceChildren(...buttons.map(({ title }) => make('button', { ...look, onclick: () => say(title) }, title)));
  group.hidden = buttons.length === 0;
  if (hadFocus) returnFocus();
  scrollToNewest();
}

/** Show the end of the log, but never past the first line of the newest message. */
function scrollToNewest() {
  $('scroller').scrollTop = (entries[entries.length - 1]?.node.offsetTop ?? 0) - 8;
}

/** Where focus goes when its button has gone: the composer, or the log where a keyboard would pop up. */
function returnFocus() {
  (matchMedia('(pointer: coarse)').matches ? $('log') : composer).focus({ preventScroll: true });
}

function showTyping(shown) {
  $('typing').hidden = !shown;
  if (shown) scrollToNewest();
}

/** Say in words whether messages are getting through; a change is also announced. */
function showStatus() {
  let state = connection;
  if (state === 'online' && trouble) state = trouble;
  if (state === 'offline' && queue.length) state = 'offline_waiting';
  $('status').dataset.state = state;
  $('status').replaceChildren(...linked(label(state)));
  if (state !== shownState && !(shownState === 'connecting' && state === 'online')) announce(label(state));
  shownState = state;
}

/* ---- Saying something ---- */
/** A random version 4 UUID; crypto.randomUUID is missing on plain http. */
function uuid() {
  const digit = (place) => (place ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (place / 4)))).toString(16);
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, digit);
}

/** Put `text` in the log and in the queue, and send it when there is a line. */
function say(text) {
  if (!text.trim()) return;
  const item = { id: uuid(), text: text.trim(), at: new Date().toISOString() };
  queue.push(item);
  trouble = null;
  add(asEntry(item));
  flush();
  showStatus();
}

/** Send what has not gone out yet, in order and without waiting in between: the next words may be an emergency. */
function flush() {
  for (const item of socket.connected ? queue.filter(({ id }) => !inFlight.has(id)) : []) {
    item.tried = true;
    inFlight.add(item.id);
    mark(item.id, 'sending');
    socket.timeout(RECEIPT_MS).emit('say', { id: item.id, text: item.text }, (...answer) => receive(item, ...answer));
  }
  storage.setItem(QUEUE, JSON.stringify(queue));
}

/** Show how far the patient's message `id` has come; no state means that the server has it. */
function mark(id, state) {
  const entry = entries.find((each) => each.id === id);
  if (!entry) return;
  entry.state = state;
  entry.node.lastElementChild.replaceWith(fine(entry));
}

/** The server's answer to one message: drop it from the queue, give it back to be shortened, or try again later. */
function receive(item, error, receipt) {
  inFlight.delete(item.id);
  if (!queue.includes(item)) return;
  const reason = error ? 'silence' : receipt?.ok ? null : receipt?.reason ?? 'unavailable';
  if (reason === null || reason === 'too_long' || reason === 'empty') {
    queue = queue.filter((each) => each !== item);
    storage.setItem(QUEUE, JSON.stringify(queue));
    mark(item.id, reason ? 'not_sent' : undefined);
    trouble = reason === 'too_long' ? reason : null;
    if (trouble) composer.value ||= item.text;
  } else {
    mark(item.id, 'waiting');
    if (reason !== 'silence') trouble = reason === 'too_fast' ? reason : 'unavailable';
    setTimeout(flush, RETRY_MS[reason] ?? RETRY_MS.unavailable);
  }
  showStatus();
}

/* ---- The line to the server ---- */
/** Wait `ms` milliseconds, or less when the network comes back. */
function pause(ms) {
  return new Promise((resume) => {
    setTimeout(resume, ms);
    window.addEventListener('online', resume, { once: true });
  });
}

/** Ask the server until it answers, waiting longer each time. @template T @param {() => Promise<T>} ask */
async function persist(ask) {
  for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try { return await ask(); } catch { dropped(); }
    await pause(wait);
  }
}

/** Get a session (the conversation of `old` while the server still knows it), then connect. */
async function openSession(old) {
  const mine = ++asking;
  const headers = { 'Content-Type': 'application/json' };
  const fresh = await persist(async () => {
    if (mine !== asking) return null;
    const answer = await fetch('/chat/session', { method: 'POST', headers, body: JSON.stringify({ token: old }) });
    if ([400, 401, 403].includes(answer.status)) old = null;
    if (!answer.ok) throw new Error(`session: ${answer.status}`);
    return (await answer.json()).token;
  });
  if (mine !== asking) return;
  token = fresh;
  storage.setItem(TOKEN, token);
  socket.connect();
}

/** The line is down: say so, in the words that fit. */
function dropped() {
  connection = navigator.onLine === false ? 'offline' : 'lost';
  showTyping(false);
  showStatus();
}

/** Rebuild the log from what the server has and has not got; only answers missed while away are announced. */
function restore(history) {
  const answers = (list) => list.filter(isAnswer);
  const heard = (list) => list.some(({ from, state }) => from === 'patient' && !state);
  const shown = answers(entries).length;
  const note = heard(entries) && !heard(history) ? [{ from: 'note', text: label('new_conversation') }] : [];
  entries = [...note, ...history, ...queue.slice(alreadyHeard(history)).map(asEntry)];
  drawAll();
  note.forEach(({ text }) => announce(text));
  if (shown) answers(history).slice(shown).forEach(announceAnswer);
  flush();
}

/** How many of the queued messages the server got although its receipt was lost: the history ends with them. */
function alreadyHeard(history) {
  const said = history.filter(({ from }) => from === 'patient').map(({ text }) => text);
  const tried = queue.filter((item) => item.tried).map(({ text }) => text);
  let count = Math.min(said.length, tried.length);
  while (count > 0 && !said.slice(-count).every((text, i) => text === tried[i])) count -= 1;
  return count;
}

function announceAnswer({ text, from, emergency, buttons = [] }) {
  const choices = buttons.map(({ title }) => title).join(', ');
  const alarm = emergency && `${label('emergency_heading')}.`;
  const who = from === 'staff' ? label('staff') : page.dataset.assistant;
  announce(`${who}:`, alarm, text, choices && `${label('choices')}: ${choices}`);
}

/** Connect again where Socket.IO does not do so by itself: the server refused, or closed the line. */
async function reconnect(error) {
  dropped();
  if (socket.active) return;
  refusals += 1;
  await pause(refusals === 1 ? 0 : Math.min(1000 * 2 ** refusals, LONGEST_WAIT_MS));
  openSession(error.message === 'session' && refusals > 1 ? null : token);
}

socket.on('connect', () => {
  connection = 'online';
  refusals = 0;
  showStatus();
  setTimeout(flush, 3000); // in case no history comes
});
socket.on('connect_error', reconnect);
socket.on('disconnect', (reason) => { if (reason !== 'io client disconnect') reconnect({ message: reason }); });
socket.on('history', restore);
socket.on('typing', ({ on: shown }) => showTyping(shown));
socket.on('message', (message) => {
  if (message.id && entries.some(({ id }) => id === message.id)) return; // delivered twice
  showTyping(false);
  add({ ...message, from: message.from ?? 'bedside' });
  announceAnswer(message);
});

/* ---- What the patient does ---- */
const on = (id, event, act) => $(id).addEventListener(event, act);

function send(event) {
  const text = composer.value;
  event.preventDefault();
  composer.value = '';
  say(text);
}

/** Forget the conversation on this device and begin a new one. */
function endChat() {
  $('ending').close?.();
  socket.disconnect();
  storage.clear();
  inFlight.clear();
  $('announcer').replaceChildren();
  [token, queue, entries, trouble, connection] = [null, [], [], null, 'connecting'];
  composer.value = '';
  showTyping(false);
  showLabels();
  returnFocus();
  openSession(null);
}

on('form', 'submit', send);
on('composer', 'keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event);
});
on('person', 'click', () => say(label('talk_to_person')));
on('language', 'click', () => {
  language = $('language').lang;
  storage.setItem(LANGUAGE, language);
  showLabels();
});
on('end', 'click', () => ($('ending').showModal ? $('ending').showModal() : endChat()));
on('end-yes', 'click', endChat);
window.addEventListener('offline', () => { if (!socket.connected) dropped(); });

// Begin with the labels: without them no button has a name.
persist(async () => (await fetch('/chat/labels.json')).json()).then((found) => {
  labels = found;
  language = preferredLanguage();
  showLabels();
  openSession(token);
});
