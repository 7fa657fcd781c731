// What a case comes to: whether the proxy behaves, and a word or two on how.

export const yes = (note) => ({ passed: true, note })
export const no = (note) => ({ passed: false, note })
export const verdict = (isRight, noteIfNot) => (isRight ? yes() : no(noteIfNot))

/** What a client got that was not served, or not as it should be; `index` as in `Wire.final`. */
export const refusal = (client, index = 0) =>
  client.final(index)?.status ?? (client.gone ? 'closed' : 'no answer')

/**
 * For a message that must not get through as it is: it is refused, or what the service sees of it
 * is one sound request, which `isSound` judges. Bytes behind it never become a second one.
 */
export const refusedOrMended = async (scene, bytes, isSound = () => false) => {
  const client = await scene.open()
  client.send(bytes)
  await scene.until(() => client.final() || client.gone, 1_500)
  // Whatever was smuggled goes out at once; this is the short time in which it would be seen.
  await scene.until(() => client.gone || whole(scene).length > 1, 150)
  if (scene.seen().some(({ request }) => request.broken)) return no('forwarded')
  const [seen, ...more] = whole(scene)
  if (!seen) return verdictOnRefusal(client)
  if (more.length > 0) return no('two requests')
  return isSound(seen.request, client) ? yes('mended') : no('forwarded')
}

/** For a message to which RFC 9110 or 9112 demands an answer with one of these statuses. */
export const refusedWith = async (scene, bytes, ...statuses) => {
  const client = await scene.open()
  client.send(bytes)
  await scene.until(() => client.final() || client.gone, 1_500)
  const result = refusal(client)
  if (whole(scene).length > 0) return no(`forwarded, ${result}`)
  return statuses.includes(result) ? yes(result) : no(result)
}

const whole = (scene) => scene.seen().filter(({ complete }) => complete)

const verdictOnRefusal = (client) => {
  const result = refusal(client)
  return result < 400 || result === 401 ? no(result) : yes(result)
}
