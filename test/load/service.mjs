// The service behind, a process of its own: `fork(service.mjs, [port])`. The first part of a path says
// what it does.
import { createServer } from 'node:http'

const CHUNK = Buffer.alloc(65_536, 'x')

const WAYS = {
  quick: (_, response) => {
    response.setHeader('Content-Type', 'text/plain')
    response.end('hello')
  },

  /** `/work/200` takes 200 ms. */
  work: (request, response) => {
    setTimeout(() => WAYS.quick(request, response), Number(request.url.split('/')[2]))
  },

  never: () => {},

  /** Bit by bit, for ever. */
  drip: (_, response) => {
    const timer = setInterval(() => response.write('x'), 200)
    response.once('close', () => clearInterval(timer))
  },

  endless: (_, response) => {
    const write = () => {
      while (!response.destroyed && response.write(CHUNK));
    }
    response.on('drain', write)
    write()
  },

  upload: (request, response) => {
    request.on('end', () => WAYS.quick(request, response))
    request.resume()
  },
}

// It keeps what connects to it, and never is what a measured one has to wait for.
const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) =>
  WAYS[request.url.split('/')[1]](request, response),
)

process.on('disconnect', () => process.exit())
server.on('error', () => process.exit(1))
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4_096 }, () =>
  process.send('listening'),
)
