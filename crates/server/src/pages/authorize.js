// The page at which an account's owner decides about a program (docs/oauth.md). What it shows and sends is checked by the server.
const main = document.querySelector('main');
const [login, consent, problem] = ['login', 'consent', 'problem'].map((id) => document.getElementById(id));
const words = JSON.parse(main.dataset.scopes);
const asked = Object.fromEntries(new URLSearchParams(location.search));

async function call(path, body) {
  const headers = { 'X-Udaan-Client': 'web', 'Accept-Language': document.documentElement.lang };
  const options = body
    ? { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
    : { headers };
  const answer = await fetch(`/api/v1${path}`, options);
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  return { status: answer.status, told };
}

function show(part, text) {
  for (const each of [login, consent, problem]) each.hidden = true;
  if (text) {
    problem.textContent = text;
    problem.hidden = false;
  }
  if (!part) return;
  part.hidden = false;
  part.querySelector('input, button').focus();
}

async function look() {
  const { status, told } = await call(`/oauth/authorization${location.search}`);
  if (status === 401) return show(login);
  if (status !== 200) return show(null, told.detail ?? main.dataset.trouble);
  document.getElementById('client').textContent = told.client.name;
  const list = document.getElementById('scopes');
  list.replaceChildren(...told.scopes.map((scope) => {
    const item = document.createElement('li');
    item.textContent = words[scope] ?? scope;
    return item;
  }));
  return show(consent);
}

// Whatever fails on the way (the network, a body that is none) is said, and the form stays.
const guarded = (form, work) => async (event) => {
  event?.preventDefault();
  try {
    await work(event);
  } catch {
    show(form, main.dataset.trouble);
  }
};

login.addEventListener('submit', guarded(login, async () => {
  const { status, told } = await call('/session', Object.fromEntries(new FormData(login)));
  if (status !== 204) return show(login, told.detail ?? main.dataset.trouble);
  return look();
}));

consent.addEventListener('submit', guarded(consent, async (event) => {
  const approve = event.submitter?.value === 'yes';
  const { status, told } = await call('/oauth/authorization', { approve, request: asked });
  if (status === 401) return show(login);
  if (status !== 200) return show(consent, told.detail ?? main.dataset.trouble);
  return location.assign(told.redirect_to);
}));

guarded(null, look)();
