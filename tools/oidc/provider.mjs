// The certified OpenID provider for a test, which starts it and ends it by closing its input.
// Usage: node provider.mjs PACKAGES REDIRECT_URI SECRET, where PACKAGES/node_modules has oidc-provider. It prints its issuer.
// There is a client for each algorithm, `udaan-RS256` and so on; whoever logs in as NAME is NAME@example.com. Claims about the
// address are where the standard has them, in userinfo.

import { generateKeyPairSync } from "node:crypto";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [, , packages, redirectUri, secret] = process.argv;
const { default: Provider } = await import(pathToFileURL(path.resolve(packages, "node_modules/oidc-provider/lib/index.js")));

const kinds = {
  RS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};
const keys = Object.entries(kinds).map(([alg, [kind, options]]) => ({
  ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }),
  alg,
  use: "sig",
  kid: `key-${alg}`,
}));
const clients = Object.keys(kinds).map((alg) => ({
  client_id: `udaan-${alg}`,
  client_secret: secret,
  redirect_uris: [redirectUri],
  id_token_signed_response_alg: alg,
  token_endpoint_auth_method: alg === "EdDSA" ? "client_secret_post" : "client_secret_basic",
}));

const server = http.createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients,
  jwks: { keys },
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: true,
  enabledJWA: { idTokenSigningAlgValues: Object.keys(kinds) },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: id !== "unconfirmed", name: `${id} of the tests` }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume().on("end", () => process.exit(0));
