// What npm jose says of each token, one in a line of standard input behind a first line with the
// rules: {"now", "leeway", "issuer", "audience", "keys": [{"kid", "algs", "jwk"}]}. Printed for each
// is "0" when it refuses, else "1 SUB TRAITS": what is odd about a token it takes, found without
// its help, separated by commas.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.YATA_NODE_MODULES}/`);
const { importJWK, jwtVerify, decodeProtectedHeader } = require("jose");

const lines = fs.readFileSync(0, "latin1").split("\n");
lines.pop();
const rules = JSON.parse(lines.shift());
const options = {
  algorithms: ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "ES256", "ES384", "ES512", "EdDSA"],
  issuer: rules.issuer,
  audience: rules.audience,
  clockTolerance: rules.leeway,
  currentDate: new Date(rules.now * 1000),
  requiredClaims: ["exp"],
};
const keys = await Promise.all(rules.keys.map(async ({ kid, algs, jwk }) => (
  { kid, algs, key: await importJWK(jwk, algs[0]) })));

// The key that is named, or each that fits.
function candidates(token) {
  let header;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return keys.slice(0, 1);
  }
  const named = typeof header.kid === "string" ? keys.filter(({ kid }) => kid === header.kid) : keys;
  return named.filter(({ algs }) => algs.includes(header.alg));
}

// Doubled names and depth of a JSON text that is valid, and whether a string is no Unicode.
function look(text) {
  const open = [];
  const seen = { depth: 0, doubled: false, surrogate: false };
  for (const [sign] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gsu)) {
    const top = open.at(-1);
    if (sign === "{") open.push({ names: new Set(), naming: true });
    else if (sign === "[") open.push({});
    else if (sign === "}" || sign === "]") open.pop();
    else if (sign === ",") top.naming = true;
    else if (sign === ":") top.naming = false;
    else {
      const string = JSON.parse(sign);
      if (/\p{Surrogate}/u.test(string)) seen.surrogate = true;
      if (top?.names && top.naming) {
        if (top.names.has(string)) seen.doubled = true;
        top.names.add(string);
      }
    }
    seen.depth = Math.max(seen.depth, open.length);
  }
  return seen;
}

function traits(token) {
  const found = [];
  const parts = token.split(".");
  if (token.length > 16384) found.push("long");
  if (parts.some((part) => Buffer.from(part, "base64url").toString("base64url") !== part)) {
    found.push("spelling");
  }
  const texts = parts.slice(0, 2).map((part) => {
    const bytes = Buffer.from(part, "base64url");
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    if (!Buffer.from(text).equals(bytes)) found.push("utf8");
    if (text.startsWith("\ufeff")) found.push("bom");
    const seen = look(text);
    if (seen.doubled) found.push("doubled");
    if (seen.depth > 16) found.push("deep");
    if (seen.surrogate) found.push("surrogate");
    return text.replace(/^\ufeff/, "");
  });
  const [header, payload] = texts.map((text) => JSON.parse(text));
  const own = (object, name) => Object.prototype.hasOwnProperty.call(object, name);
  for (const name of ["jwk", "jku", "x5u", "x5c", "crit", "enc", "zip"]) {
    if (own(header, name)) found.push("forbidden");
  }
  if (own(header, "b64") && header.b64 !== true) found.push("forbidden");
  if (/^jwt$/i.test(header.cty)) found.push("forbidden");
  for (const name of ["kid", "typ", "cty"]) {
    if (own(header, name) && typeof header[name] !== "string") found.push("header-type");
  }
  if (own(payload, "sub") && typeof payload.sub !== "string") found.push("claim-type");
  if (Array.isArray(payload.aud) && payload.aud.some((one) => typeof one !== "string")) {
    found.push("claim-type");
  }
  for (const name of ["exp", "nbf", "iat"]) {
    const value = payload[name];
    if (!own(payload, name)) continue;
    if (typeof value !== "number" || value < 0 || value > 253402300799) found.push("date");
    else if (name === "iat" && value > rules.now + rules.leeway) found.push("iat-ahead");
  }
  return [...new Set(found)].join(",");
}

async function verdict(token) {
  for (const { key } of candidates(token)) {
    try {
      const { payload } = await jwtVerify(token, key, options);
      return `1 ${JSON.stringify(payload.sub ?? "")} ${traits(token)}`;
    } catch (error) {
      if (!error.code?.startsWith("ERR_J")) throw error;
    }
  }
  return "0";
}

const atOnce = 64;
for (let i = 0; i < lines.length; i += atOnce) {
  const verdicts = await Promise.all(lines.slice(i, i + atOnce).map(verdict));
  process.stdout.write(`${verdicts.join("\n")}\n`);
}
