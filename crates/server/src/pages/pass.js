// The page that links to boarding passes open (docs/check-in.md). The token stands behind the #, which no server is sent; it stays there,
// so that the page can be opened again until the flight has arrived.
const main = document.querySelector('main');
const onClock = (local) => local.slice(0, 16).replace('T', ' ');
const [problem, pass] = ['problem', 'pass'].map((id) => document.getElementById(id));
const token = location.hash.slice(1);

function say(text) {
  problem.textContent = text;
  problem.hidden = false;
}

async function ask(path) {
  const answer = await fetch(`/api/v1/boarding-passes/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': document.documentElement.lang },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Error(told.detail ?? main.dataset.trouble);
}

function show({ pass: said, picture, google_wallet: google }) {
  const texts = {
    name: `${said.given_name} ${said.family_name}`,
    flight: `${said.flight_number} ${said.origin} – ${said.destination}`,
    boarding: onClock(said.boarding_at),
    departs: onClock(said.departs_at),
    gate: said.gate ?? '–',
    seat: said.seat ?? '–',
  };
  for (const [id, text] of Object.entries(texts)) document.getElementById(id).textContent = text;
  const image = document.getElementById('picture');
  image.src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
  image.alt = `${texts.name}, ${texts.flight}`;
  document.getElementById('cancelled').hidden = said.status !== 'cancelled';
  document.getElementById('google').href = google.url;
  document.getElementById('google-self-test').hidden = google.signed_by !== 'self_test';
  pass.hidden = false;
}

document.getElementById('apple').addEventListener('click', async () => {
  try {
    const file = URL.createObjectURL(await (await ask('apple-wallet')).blob());
    const link = Object.assign(document.createElement('a'), { href: file, download: 'boarding-pass.pkpass' });
    link.click();
    URL.revokeObjectURL(file);
  } catch (error) {
    say(error.message);
  }
});

/** Asks for the pass as it is now. Without a network what is shown stays: at the gate it is all there is. */
async function look() {
  try {
    show(await (await ask('open')).json());
    problem.hidden = true;
  } catch (error) {
    const isUnreached = error instanceof TypeError;
    if (!isUnreached) pass.hidden = true;
    say(isUnreached ? (pass.hidden ? main.dataset.trouble : main.dataset.offline) : error.message);
  }
}

// Another link in the same tab changes what stands behind the # alone, and a page that was left may show an older version.
addEventListener('hashchange', () => location.reload());
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && look());

if (token) await look();
else say(main.dataset.none);
