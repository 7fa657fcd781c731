/**
 * The data of each server-sent event of a body, as they come. (An `EventSource` cannot show a token.)
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{ event: string, data: string }, void, void>}
 */
export async function* readEvents(body) {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    rest = (rest + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n')
    if (rest.length > LIMIT_CHARACTERS) throw new Error('an event has no end')
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) yield parseEvent(block)
  }
}

const LIMIT_CHARACTERS = 8_000_000

/** @param {string} block */
const parseEvent = (block) => {
  let event = 'message'
  const data = []
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^(\w*):? ?(.*)$/.exec(line) ?? []
    if (name === 'event') event = value
    else if (name === 'data') data.push(value)
  }
  return { event, data: data.join('\n') }
}
