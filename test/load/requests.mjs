// The texts of requests, and where they come from.

/** `count` addresses of this machine, none of them that of others. */
export const addresses = (count) => Array.from({ length: count }, (_, i) => `127.0.1.${i + 1}`)

const fields = ({ token, lines = [] }) =>
  ['Host: load.test', ...(token ? [`Authorization: Bearer ${token}`] : []), ...lines].join('\r\n')

export const get = (path, options) => `GET ${path} HTTP/1.1\r\n${fields(options)}\r\n\r\n`

/** The head of a request whose body is `length` bytes long. */
export const postHead = (path, length, options) =>
  `POST ${path} HTTP/1.1\r\n${fields(options)}\r\nContent-Length: ${length}\r\n\r\n`

export const postJson = (path, value, { lines = [] } = {}) => {
  const body = JSON.stringify(value)
  const typed = { lines: ['Content-Type: application/json', ...lines] }
  return postHead(path, Buffer.byteLength(body), typed) + body
}
