// A gateway in a process of its own, so that its memory is its own. Reports it over IPC when asked.
import { createGateway } from '../../lib/index.js'

const { JWT_SECRET: jwtSecret = '', UPSTREAM_URL: upstream = '' } = process.env
const gateway = createGateway({ jwtSecret, upstream })
const { port } = await gateway.listen(0)
process.send?.({ port })
process.on('message', () => {
  globalThis.gc?.()
  process.send?.({ rssBytes: process.memoryUsage.rss() })
})
process.on('disconnect', () => process.exit())
