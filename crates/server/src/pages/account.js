// The page that the links of mails open (docs/accounts.md). The token stands behind the #, which no server is sent; it is taken out of
// the address at once, so that it stays in no history. Nothing happens before somebody presses the button: programs that look at
// mails open links too.
const main = document.querySelector('main');
const [reset, confirm, problem, done] = ['reset', 'confirm', 'problem', 'done'].map((id) => document.getElementById(id));
const paths = { verify: '/verification', reset: '/password/reset', confirm: '/email/confirm', restore: '/email/restore' };
const [[what, token] = []] = [...new URLSearchParams(location.hash.slice(1))];
history.replaceState(null, '', location.pathname);

function show(part, text) {
  for (const each of [reset, confirm, problem, done]) each.hidden = true;
  const said = part === done ? done : problem;
  if (text) {
    said.textContent = text;
    said.hidden = false;
  }
  if (!part || part === done) return;
  part.hidden = false;
  part.querySelector('input, button').focus();
}

const sending = (form) => async (event) => {
  event.preventDefault();
  try {
    const answer = await fetch(`/api/v1${paths[what]}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Accept-Language': document.documentElement.lang },
      body: JSON.stringify({ token, ...Object.fromEntries(new FormData(form)) }),
    });
    if (answer.status === 204) return show(done, main.dataset.done);
    const told = await answer.json().catch(() => ({}));
    return show(form, told.detail ?? main.dataset.trouble);
  } catch {
    return show(form, main.dataset.trouble);
  }
};

reset.addEventListener('submit', sending(reset));
confirm.addEventListener('submit', sending(confirm));
if (!token || !(what in paths)) show(null, main.dataset.none);
else show(what === 'reset' ? reset : confirm);
