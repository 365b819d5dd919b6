/** What runs in the page of a sheet. Texts reach it as data and leave it as `textContent` only. */
export const pageScript: string = `'use strict';
const byId = (id) => document.getElementById(id);
const source = byId('requests');
const requests = JSON.parse(source.textContent);
const store = source.dataset.store;
const answers = new Map();
try {
  for (const [id, choice] of JSON.parse(localStorage.getItem(store) || '[]')) answers.set(id, choice);
} catch {
  // without a store the answers last as long as the page
}
let place = Math.max(0, requests.findIndex(({ id }) => !answers.has(id)));
function show() {
  const request = requests[place];
  byId('progress').textContent = answers.size + ' of ' + requests.length + ' answered' + (request ? ', this is number ' + (place + 1) : '');
  if (!request) return;
  for (const name of ['prompt', 'context', 'criterion']) {
    byId(name).textContent = request[name] || '';
    byId(name + '-box').hidden = request[name] === undefined;
  }
  byId('a').textContent = request.a;
  byId('b').textContent = request.b;
  for (const choice of ['a', 'b', 'tie']) byId('choose-' + choice).setAttribute('aria-pressed', String(answers.get(request.id) === choice));
}
function move(step) {
  place = Math.min(Math.max(0, requests.length - 1), Math.max(0, place + step));
  show();
}
function choose(choice) {
  const request = requests[place];
  if (!request) return;
  answers.set(request.id, choice);
  try {
    localStorage.setItem(store, JSON.stringify([...answers]));
  } catch {
    // as above
  }
  move(1);
}
function download() {
  const lines = [...answers].map(([id, choice]) => JSON.stringify({ id, choice }) + '\\n').join('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([lines], { type: 'application/jsonl' }));
  link.download = 'judge-answers.jsonl';
  link.click();
}
for (const choice of ['a', 'b', 'tie']) byId('choose-' + choice).addEventListener('click', () => choose(choice));
byId('back').addEventListener('click', () => move(-1));
byId('next').addEventListener('click', () => move(1));
byId('download').addEventListener('click', download);
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const action = { 1: () => choose('a'), 2: () => choose('b'), 0: () => choose('tie'), ArrowLeft: () => move(-1), ArrowRight: () => move(1) }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
show();
`;
