// Loaded before the tests' own client: it prepares each test at the origin with PUT, and asks it afterwards what it saw,
// both through the cache under test. Ours takes no PUT; these two go to the origin, whose port CONTROL_PORT says.
const http = require('http')

const request = http.request
http.request = function (options, ...rest) {
  if (/^\/(config|state)\//.test(options.path)) {
    options = { ...options, port: process.env.CONTROL_PORT, host: '127.0.0.1', hostname: '127.0.0.1' }
  }
  return request.call(this, options, ...rest)
}
