// The page at which an account's owner decides about a program (docs/oauth.md). What it shows and sends is checked by the server.
const main = document.querySelector('main');
const [login, factor, consent, problem] = ['login', 'factor', 'consent', 'problem'].map((id) => document.getElementById(id));
const back = document.getElementById('back');
const words = JSON.parse(main.dataset.scopes);
const passkeys = typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
// What the server said after the password, of an account with a second factor.
let half = null;
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
  for (const each of [login, factor, consent, problem]) each.hidden = true;
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
  if (status !== 200) {
    // The program filed the address: it may hear what was wrong with its request, if its user goes back.
    back.hidden = !told.redirect_to;
    back.href = told.redirect_to ?? '';
    return show(null, told.detail ?? main.dataset.trouble);
  }
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
  login.elements.password.value = '';
  if (status === 200 && told.second_factor_required) {
    half = told;
    factor.reset();
    factor.querySelector('.passkey').hidden = !(told.passkey && passkeys);
    return show(factor);
  }
  if (status !== 204) return show(login, told.detail ?? main.dataset.trouble);
  return look();
}));

// Six digits are what an app shows; anything else is meant as a recovery code.
factor.addEventListener('submit', guarded(factor, async () => {
  const code = factor.elements.code.value.trim();
  const shown = /^[0-9 ]+$/.test(code) ? { code } : { recovery_code: code };
  const { status, told } = await call('/session/second-factor', { login_token: half.login_token, ...shown });
  factor.reset();
  if (status !== 204) return show(factor, told.detail ?? main.dataset.trouble);
  return look();
}));

// The browser asks for the passkey; what it answers goes to the server as it is.
async function ask(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}

// Beside the password: a passkey alone. After it: instead of a code.
login.querySelector('.passkey').hidden = !passkeys;
login.querySelector('.passkey').addEventListener('click', guarded(login, async () => {
  const begun = await call('/login/passkey/options', {});
  if (begun.status !== 200) return show(login, begun.told.detail ?? main.dataset.trouble);
  const { status, told } = await call('/session/passkey', { credential: await ask(begun.told.options) });
  if (status !== 204) return show(login, told.detail ?? main.dataset.trouble);
  return look();
}));
factor.querySelector('.passkey').addEventListener('click', guarded(factor, async () => {
  const passkey = await ask(half.passkey);
  const { status, told } = await call('/session/second-factor', { login_token: half.login_token, passkey });
  if (status !== 204) return show(factor, told.detail ?? main.dataset.trouble);
  return look();
}));

// Whom else one may log in with; the browser comes back to this very page.
async function offer() {
  const { status, told } = await call('/auth/providers');
  if (status !== 200) return;
  document.getElementById('providers').replaceChildren(...told.providers.map(({ id, label }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet';
    button.textContent = main.dataset.with.replace('%s', label);
    button.addEventListener('click', guarded(login, async () => {
      const begun = await call('/auth/sign-in', { provider: id, redirect_after: location.pathname + location.search });
      if (begun.status !== 200) return show(login, begun.told.detail ?? main.dataset.trouble);
      return location.assign(begun.told.authorization_url);
    }));
    return button;
  }));
}

consent.addEventListener('submit', guarded(consent, async (event) => {
  const approve = event.submitter?.value === 'yes';
  const { status, told } = await call('/oauth/authorization', { approve, request: asked });
  if (status === 401) return show(login);
  if (status !== 200) return show(consent, told.detail ?? main.dataset.trouble);
  return location.assign(told.redirect_to);
}));

guarded(null, look)();
// Without them there are the other ways.
offer().catch(() => {});
