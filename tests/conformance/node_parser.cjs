// Reads one connection's bytes per line, in hexadecimal, and prints what Node's own HTTP parser
// makes of them: REFUSAL|WHAT,BODY,WHOLE|…, WHAT (a target or a status) and BODY in hexadecimal. It
// is the parser behind node:http, not lenient. The argument is REQUEST or RESPONSE; of responses,
// nothing is read behind the first that is not 1xx.
"use strict";

const { HTTPParser } = process.binding("http_parser");
const readline = require("node:readline");

const type = HTTPParser[process.argv[2]];
const parser = new HTTPParser();

function read(bytes) {
  const messages = [];
  let flushed_url = "";
  let done = false;
  parser.initialize(type, {}, 0, HTTPParser.kLenientNone);
  parser[HTTPParser.kOnMessageBegin | 0] = () => {};
  // Called instead when a message before had trailers; and for the trailers.
  parser[HTTPParser.kOnHeaders | 0] = (headers, url) => {
    flushed_url = url;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, headers, method, url, status) => {
    const what = type === HTTPParser.REQUEST ? (url ?? flushed_url) : String(status);
    if (!done) messages.push({ what, body: "", whole: false });
  };
  parser[HTTPParser.kOnBody | 0] = (piece) => {
    if (!done) messages.at(-1).body += piece.toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete | 0] = () => {
    if (!done) messages.at(-1).whole = true;
    done = type === HTTPParser.RESPONSE && Number(messages.at(-1).what) >= 200;
  };
  const result = parser.execute(bytes);
  const refusal = result instanceof Error && !done ? result.code : "";
  return { refusal, messages };
}

const hex = (text) => Buffer.from(text, "latin1").toString("hex");

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const { refusal, messages } = read(Buffer.from(line, "hex"));
  const fields = messages.map((m) => `${hex(m.what)},${hex(m.body)},${m.whole ? 1 : 0}`);
  process.stdout.write(`${refusal}|${fields.join("|")}\n`);
});
