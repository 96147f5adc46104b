// The page that providers send browsers back to (docs/oidc.md). What the address says goes to the server once, and is taken out of the
// address before, so that it stays in no history.
const main = document.querySelector('main');
const [wait, problem, start, factor] = ['wait', 'problem', 'start', 'factor'].map((id) => document.getElementById(id));
const passkeys = typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
const said = new URLSearchParams(location.search);
history.replaceState(null, '', location.pathname);
// What the server said, of an account with a second factor.
let half = null;
let onward = '/';

async function call(path, body) {
  const answer = await fetch(`/api/v1${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Udaan-Client': 'web', 'Accept-Language': document.documentElement.lang },
    body: JSON.stringify(body),
  });
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  return { status: answer.status, told };
}

function show(part, text) {
  wait.hidden = true;
  factor.hidden = part !== factor;
  problem.hidden = !text;
  problem.textContent = text ?? '';
  start.hidden = part === factor;
  (part === factor ? factor.elements.code : start).focus();
}

async function finish() {
  const answer = Object.fromEntries(['state', 'code', 'error', 'iss'].filter((name) => said.has(name)).map((name) => [name, said.get(name)]));
  if (!answer.state) return show(null, main.dataset.none);
  const { status, told } = await call('/auth/callback', answer);
  if (status !== 200) return show(null, told.detail ?? main.dataset.trouble);
  onward = told.redirect_after;
  if (told.outcome !== 'second_factor_required') return location.replace(onward);
  half = told.second_factor;
  factor.querySelector('.passkey').hidden = !(half.passkey && passkeys);
  return show(factor);
}

async function second(evidence) {
  const { status, told } = await call('/session/second-factor', { login_token: half.login_token, ...evidence });
  factor.reset();
  if (status !== 204) return show(factor, told.detail ?? main.dataset.trouble);
  return location.replace(onward);
}

// Whatever fails on the way (the network, a body that is none) is said, and the form stays.
const guarded = (part, work) => async (event) => {
  event?.preventDefault();
  try {
    await work();
  } catch {
    show(part, main.dataset.trouble);
  }
};

// Six digits are what an app shows; anything else is meant as a recovery code.
factor.addEventListener('submit', guarded(factor, () => {
  const code = factor.elements.code.value.trim();
  return second(/^[0-9 ]+$/.test(code) ? { code } : { recovery_code: code });
}));
factor.querySelector('.passkey').addEventListener('click', guarded(factor, async () => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(half.passkey);
  return second({ passkey: (await navigator.credentials.get({ publicKey })).toJSON() });
}));

guarded(null, finish)();
