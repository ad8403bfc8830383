// The page works without this script. With it the page follows the cloud, and
// nothing is loaded anew while a video plays.
'use strict';

const one = (selector, within = document) => within.querySelector(selector);
const video = one('video');

// --- Parts that follow the cloud -------------------------------------------

let asked = 0, shown = 0; // pages, in the order of asking
let pressed = false;      // a part must not change between press and release

// load fetches the page and puts its parts in place, unless a later one is there.
async function load(url = location.href, init = {}) {
  const n = ++asked;
  const text = await (await fetch(url, init)).text();
  if (n < shown) return;
  shown = n;
  put(new DOMParser().parseFromString(text, 'text/html'));
}

function put(page) {
  for (const part of document.querySelectorAll('[data-live]')) {
    const fresh = page.getElementById(part.id);
    if (!fresh) continue;
    for (const { name, value } of fresh.attributes) part.setAttribute(name, value);
    if (part.innerHTML === fresh.innerHTML) continue;
    const buttons = () => [...part.querySelectorAll('a, button')];
    const focus = buttons().indexOf(document.activeElement);
    part.replaceChildren(...fresh.childNodes);
    buttons()[focus]?.focus({ preventScroll: true });
  }
  showHead();
  if (video && !video.src && newest()) open(newest());
}

// soon refreshes once for many calls: at once, then at most once a second.
let refreshing = false, more = false;
async function soon() {
  if (refreshing || pressed) { more = true; return; }
  refreshing = true;
  more = false;
  await load().catch(() => {}); // the next event tries again
  setTimeout(() => { refreshing = false; if (more) soon(); }, 1000);
}

// Only the last of many windows is fetched, after the one under way.
let moving = null, next = false;
function go(url) {
  history.replaceState(null, '', url);
  next = true;
  moving ??= (async () => {
    while (next) { next = false; await load().catch(() => {}); }
    moving = null;
  })();
}

let dragged = false; // the time line, by the press that is or was under way
addEventListener('pointerdown', () => { pressed = true; dragged = false; });
for (const end of ['pointerup', 'pointercancel']) {
  addEventListener(end, () => setTimeout(() => { pressed = dragged = false; if (more) soon(); }));
}

addEventListener('submit', (e) => {
  e.preventDefault();
  const url = new URL(e.target.getAttribute('action'), location);
  url.search = location.search;
  load(url, { method: 'POST', body: new URLSearchParams(new FormData(e.target, e.submitter)) }).catch(lost);
});

addEventListener('click', (e) => {
  const link = e.target.closest?.('[data-window], [data-play]');
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  if (dragged) return;
  if (link.dataset.play) play(Number(link.dataset.play));
  if ('window' in link.dataset) go(link.getAttribute('href'));
});

// --- The journal, live ------------------------------------------------------

const keep = 200; // rows
const state = one('#state');

function lost() {
  state.className = 'lost';
  state.textContent = state.dataset.offlineText;
}

const stream = new EventSource('/page/live' + location.search);
stream.onopen = () => {
  state.className = 'on';
  state.textContent = state.dataset.liveText;
  one('#requests')?.replaceChildren(); // the last ones come again
};
stream.onerror = lost;
stream.addEventListener('changed', soon);
stream.addEventListener('requests', (e) => {
  const body = one('#requests');
  if (!body) return;
  body.insertAdjacentHTML('afterbegin', e.data); // escaped by the cloud's template
  while (body.rows.length > keep) body.deleteRow(-1);
  one('#waiting').hidden = true;
});

// --- The player ---------------------------------------------------------------

let list = []; // what the playlist has: from and to in ms of the day, at in s of the video

const newest = () => Number(one('#notes').dataset.newest);

// open gives the player the hour from ms on, and learns which second of the
// video is what time: the playlist leaves gaps out.
async function open(ms) {
  const from = Math.floor(ms / 1000);
  const url = `${video.dataset.playlist}?starttime_epoch=${from}&endtime_epoch=${from + 3600}`;
  video.src = url;
  const text = await (await fetch(url)).text();
  list = [];
  let start = 0, at = 0;
  for (const line of text.split('\n')) {
    const [tag, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];
    if (tag === '#EXT-X-PROGRAM-DATE-TIME') start = Date.parse(value);
    if (tag !== '#EXTINF') continue;
    const length = parseFloat(value);
    list.push({ from: start, to: start + length * 1000, at });
    at += length;
  }
}

async function play(ms) {
  if (!list.some((s) => s.from <= ms && ms < s.to)) await open(ms);
  const s = list.find((s) => ms < s.to);
  if (!s) return;
  if (video.readyState === 0) {
    await new Promise((done) => {
      video.addEventListener('loadedmetadata', done, { once: true });
      video.addEventListener('error', done, { once: true });
    });
  }
  video.currentTime = s.at + Math.max(0, ms - s.from) / 1000;
  video.play().catch(() => {}); // the browser wants a click on the player itself, or the error is shown below it
}

// playing is the time of the day that the player shows, in ms; null: none.
function playing() {
  const s = list.findLast((s) => s.at <= video.currentTime);
  return s && video.readyState > 0 ? Math.min(s.to, s.from + (video.currentTime - s.at) * 1000) : null;
}

function showHead() {
  const drawing = one('#drawing svg');
  const ms = video && playing();
  if (!drawing || !ms) return;
  const { from, to } = drawing.dataset;
  const x = (ms - from) / (to - from);
  const head = one('#head');
  head.hidden = x < 0 || x > 1;
  head.style.left = `${100 * x}%`;
}

if (video) {
  video.addEventListener('timeupdate', () => {
    const ms = playing();
    if (!ms) return;
    one('#playing').textContent = `${one('#playing').dataset.text} ${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    showHead();
  });
  video.addEventListener('loadedmetadata', () => {
    one('#unplayable').hidden = true;
    one('#nopicture').hidden = video.videoWidth > 0 || one('#h265') !== null;
  });
  video.addEventListener('error', () => { one('#unplayable').hidden = false; });
  if (newest()) open(newest());
}

// --- The time line: click, drag, wheel -----------------------------------------

const line = one('#line');

// frame is the window that is drawn, and the time at a pointer.
function frame(e) {
  const svg = one('svg', line), box = svg.getBoundingClientRect();
  const from = Number(svg.dataset.from), to = Number(svg.dataset.to);
  return { from, to, at: from + (e.clientX - box.left) / box.width * (to - from), perPixel: (to - from) / box.width };
}

function show(from, to) {
  const least = 2000, most = 7 * 24 * 3600 * 1000; // ms, as in timeline.go
  if (to - from < least || to - from > most) return;
  const url = new URL(location);
  url.searchParams.set('from', Math.round(from));
  url.searchParams.set('to', Math.round(to));
  go(url);
}

if (line) {
  let grip = null;
  line.addEventListener('pointerdown', (e) => { grip = { ...frame(e), x: e.clientX }; });
  addEventListener('pointermove', (e) => {
    if (!grip || !dragged && Math.abs(e.clientX - grip.x) < 5) return;
    dragged = true;
    const by = (grip.x - e.clientX) * grip.perPixel;
    show(grip.from + by, grip.to + by);
  });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => { grip = null; });
  line.addEventListener('click', (e) => { if (!dragged && !e.target.closest('a') && e.target.closest('svg')) play(frame(e).at); });
  line.addEventListener('dragstart', (e) => e.preventDefault());
  line.addEventListener('wheel', (e) => {
    e.preventDefault();
    const f = frame(e);
    if (Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
      show(f.from + e.deltaX * f.perPixel, f.to + e.deltaX * f.perPixel);
      return;
    }
    const by = e.deltaY > 0 ? 1.25 : 0.8;
    show(f.at - (f.at - f.from) * by, f.at + (f.to - f.at) * by);
  }, { passive: false });
}
