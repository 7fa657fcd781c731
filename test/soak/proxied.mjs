// Requests of users to the service behind.
import { answerBody, numberOf, requestBody } from '../faults/messages.mjs'
import { bytesOf, contentOf, eventsOf, hashOf } from './content.mjs'
import { must, mustBeServed, mustNotBeAway } from './expect.mjs'
import { bearer } from './sessions.mjs'

/** Each must be removed, and change nothing. */
const FORGED = {
  'X-Passport': 'Zm9yZ2Vk',
  X_Passport: 'Zm9yZ2Vk',
  'x.passport': 'Zm9yZ2Vk',
  'X-Proxy-State': 'Zm9yZ2Vk',
  Connection: 'keep-alive, X-Passport, X-Proxy-State',
}
const LEFT_AFTER_BYTES = 300_000

export const createProxied = ({ wire, sessions, posts }) => {
  const path = (kind, id) => `/v1/proxy/${kind}/${id}`
  const withSession = (play) => (id) => sessions.lend((session) => play(id, session))

  const post = (isKeyed) =>
    withSession(async (id, session) => {
      const headers = { ...bearer(session.token), ...(isKeyed && { 'Idempotency-Key': id }) }
      const entry = { isKeyed, isAnswered: false }
      posts.set(id, entry)
      const answer = await wire.send({
        method: 'POST',
        path: path('post', id),
        headers,
        body: requestBody(id),
      })
      mustBeServed(answer, session)
      entry.isAnswered = true
      must(answer.text === answerBody(id, 'you'), 'another body')
    })

  return {
    get: withSession(async (id, session) => {
      const forged = numberOf(id) % 4 === 0 ? FORGED : {}
      const headers = { ...forged, ...bearer(session.token) }
      const answer = await wire.send({ path: path('get', id), headers })
      mustBeServed(answer, session)
      must(answer.text === answerBody(id, 'you'), 'another body')
    }),

    post: post(false),
    'post with a key': post(true),

    upload: withSession(async (id, session) => {
      const bytes = bytesOf(numberOf(id))
      const length = numberOf(id) % 2 === 0 ? { 'Content-Length': bytes } : {}
      posts.set(id, { isAnswered: false })
      const answer = await wire.send({
        method: 'PUT',
        path: path('upload', id),
        headers: { ...bearer(session.token), ...length },
        body: contentOf(id, bytes),
      })
      mustBeServed(answer, session)
      posts.get(id).isAnswered = true
      must(answer.text === hashOf(contentOf(id, bytes)), 'another body arrived')
    }),

    download: withSession(async (id, session) => {
      const bytes = bytesOf(numberOf(id))
      const headers = bearer(session.token)
      const answer = await wire.send({ path: path('download', id), headers })
      mustBeServed(answer, session)
      must(answer.hash === hashOf(contentOf(id, bytes)), 'another body')
    }),

    events: withSession(async (id, session) => {
      const answer = await wire.send({ path: path('events', id), headers: bearer(session.token) })
      mustBeServed(answer, session)
      must(answer.text === eventsOf(id).join(''), 'other events')
    }),

    'download, left': withSession(async (id, session) => {
      const message = { path: path('endless', id), headers: bearer(session.token) }
      const answer = await wire.leaveDownload(message, LEFT_AFTER_BYTES)
      mustNotBeAway(answer)
      mustBeServed(answer, session)
    }),

    'upload, left': withSession(async (id, session) => {
      // Never received whole: what is noted of it in the end would be a body made up.
      posts.set(id, { isLeft: true, isAnswered: false })
      const length = numberOf(id) % 2 === 0 ? { 'Content-Length': 2 * LEFT_AFTER_BYTES } : {}
      await wire.leaveUpload(
        {
          method: 'PUT',
          path: path('upload', id),
          headers: { ...bearer(session.token), ...length },
        },
        contentOf(id, LEFT_AFTER_BYTES),
      )
    }),
  }
}
