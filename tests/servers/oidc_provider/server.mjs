// A real OpenID provider for the tests: oidc-provider with one client, whose access tokens are JWTs
// signed as the asked resource says (urn:objects:RS256, :PS256, :ES256, :EdDSA).
//
//   node server.mjs MODULES STATE PORT [CERTIFICATE PRIVATE_KEY]
//
// MODULES is a folder node_modules. STATE is a file that keeps the keys between two runs.
// PORT may be 0; "listening PORT" is printed when it accepts. With a certificate it speaks HTTPS.
// Beside what a provider has:
//
//   POST /control/rotate    new keys sign from now on; those before are still published
//   POST /control/forget    only the newest keys are published
//   GET  /control/counts    {"/jwks": 3, ...}: answers so far by path
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { pathToFileURL } from "node:url";

const [modules, state, port, certificate, privateKey] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${modules}/${path}`));
const { default: Provider } = await load("oidc-provider/lib/index.js");
const { exportJWK, generateKeyPair } = await load("jose/dist/node/esm/index.js");

const algorithms = ["RS256", "PS256", "ES256", "EdDSA"];
const counts = {};
let generations = fs.existsSync(state) ? JSON.parse(fs.readFileSync(state)) : [];
let issuer;
let answer;

async function newGeneration() {
  const made = algorithms.map(async (alg) => {
    const pair = await generateKeyPair(alg, { extractable: true, crv: "Ed25519" });
    const kid = `${alg}-${generations.length}-${Date.now().toString(36)}`;
    return { ...(await exportJWK(pair.privateKey)), kid, alg, use: "sig" };
  });
  return Promise.all(made);
}

// A provider's keys are given when it is made: other keys, another provider behind the same address.
function publish() {
  fs.writeFileSync(state, JSON.stringify(generations));
  const provider = new Provider(issuer, {
    jwks: { keys: generations.flat() },
    clients: [{
      client_id: "reader",
      client_secret: "reader-password-of-the-tests",
      grant_types: ["client_credentials"],
      response_types: [],
      redirect_uris: [],
    }],
    scopes: ["read"],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => ({
          scope: "read",
          audience: "objects",
          accessTokenTTL: 600,
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: resource.split(":").at(-1) } },
        }),
      },
    },
  });
  answer = provider.callback();
}

async function control(path) {
  if (path === "/control/rotate") generations.unshift(await newGeneration());
  if (path === "/control/forget") generations.length = 1;
  if (path !== "/control/counts") publish();
  return JSON.stringify(counts);
}

async function handle(request, response) {
  const path = request.url.split("?")[0];
  if (path.startsWith("/control/")) {
    response.end(await control(path));
    return;
  }
  counts[path] = (counts[path] ?? 0) + 1;
  answer(request, response);
}

const server = certificate
  ? https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(privateKey) }, handle)
  : http.createServer(handle);
// Before it listens: who comes first finds a provider.
if (generations.length === 0) generations = [await newGeneration()];
server.listen(Number(port), "127.0.0.1", () => {
  const taken = server.address().port;
  issuer = `${certificate ? "https" : "http"}://127.0.0.1:${taken}`;
  publish();
  console.log(`listening ${taken}`);
});
