// The requests of a scenario.
import { kindOf, requestBody } from './messages.mjs'

/** Gives each by its number: named `${name}-${number}`, as the `users`, each `{ id, token }`, in turns. */
export const requestsOf = (name, users) => (number) => {
  const user = users[number % users.length]
  const request = { id: `${name}-${number}`, kind: kindOf(number), user }
  return { ...request, text: textOf(request) }
}

const textOf = ({ id, kind, user }) => {
  const lines = [
    `${kind === 'get' ? 'GET' : 'POST'} /v1/proxy/work/${id} HTTP/1.1`,
    'Host: faults.test',
    `Authorization: Bearer ${user.token}`,
  ]
  if (kind === 'keyed') lines.push(`Idempotency-Key: ${id}`)
  if (kind === 'get') return `${lines.join('\r\n')}\r\n\r\n`
  const body = requestBody(id)
  return `${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
}
