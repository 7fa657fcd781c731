/** Listens on any port of this machine; connections are kept while it is another's turn. */
export const listen = async (server) => {
  server.keepAliveTimeout = 120_000
  await new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, resolve),
  )
  return { port: server.address().port }
}
