// Reads one connection's bytes per line, in hexadecimal, and prints what Node's own HTTP parser
// makes of them: REFUSAL|TARGET,BODY,WHOLE|…, target and body in hexadecimal. It is the parser behind node:http, not lenient.
"use strict";

const { HTTPParser } = process.binding("http_parser");
const readline = require("node:readline");

const parser = new HTTPParser();
let requests = [];

function read(bytes) {
  requests = [];
  parser.initialize(HTTPParser.REQUEST, {}, 0, HTTPParser.kLenientNone);
  parser[HTTPParser.kOnMessageBegin | 0] = () => {};
  // Called instead when a message before had trailers; and for the trailers.
  let flushed_url = "";
  parser[HTTPParser.kOnHeaders | 0] = (headers, url) => {
    flushed_url = url;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, headers, method, url) => {
    requests.push({ target: url ?? flushed_url, body: "", whole: false });
  };
  parser[HTTPParser.kOnBody | 0] = (piece) => {
    requests.at(-1).body += piece.toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete | 0] = () => {
    requests.at(-1).whole = true;
  };
  const result = parser.execute(bytes);
  const refusal = result instanceof Error ? result.code : "";
  return { refusal, requests };
}

const hex = (text) => Buffer.from(text, "latin1").toString("hex");

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { refusal, requests } = read(Buffer.from(line, "hex"));
  const fields = requests.map((r) => `${hex(r.target)},${hex(r.body)},${r.whole ? 1 : 0}`);
  process.stdout.write(`${refusal}|${fields.join("|")}\n`);
});
