// A client that takes a long answer, and costs as little as can be: one buffer, which is not looked at.
import { connect } from 'node:net'

const END = '\r\n\r\n'
process.on('disconnect', () => process.exit())

process.on('message', ({ port, path, token, bytes }) => {
  const startMs = performance.now()
  let left = bytes
  let isInBody = false
  const onBytes = (length, buffer) => {
    if (isInBody) left -= length
    else {
      const text = buffer.latin1Slice(0, length)
      const end = text.indexOf(END)
      isInBody = end >= 0 && text.startsWith('HTTP/1.1 200 ')
      if (!isInBody) return fail(text)
      left -= length - end - END.length
    }
    if (left > 0) return true
    socket.destroy()
    process.send({ seconds: (performance.now() - startMs) / 1_000 })
    return false
  }
  const fail = (text) => {
    process.send({ failure: text })
    socket.destroy()
    return false
  }
  const onread = { buffer: Buffer.alloc(1 << 20), callback: onBytes }
  const socket = connect({ port, host: '127.0.0.1', onread })
  socket.on('close', () => left > 0 && isInBody && process.send({ failure: `${left} missing` }))
  socket.on('error', (error) => process.send({ failure: error.message }))
  socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${token}${END}`)
})
