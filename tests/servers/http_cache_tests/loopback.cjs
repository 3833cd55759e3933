// Loaded before the tests' own server: it names no address to listen on, so that it would take all; here it takes
// loopback. Port 0 is the system's choice, which the server prints.
const http = require('http')

const listen = http.Server.prototype.listen
http.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, Number(port), '127.0.0.1', ...rest)
}
