// One process of the benchmark: `contender.mjs <role>`, a file of `roles/`. It says on which port it
// listens, and answers each message with the CPU time and the memory that it has taken.
const { start } = await import(`./roles/${process.argv[2]}.mjs`)

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  // Where node was started with --expose-gc; what the first round finds the second one frees.
  for (let round = 0; round < 2; round++) globalThis.gc?.()
  process.send({ microseconds: user + system, rssBytes: process.memoryUsage.rss() })
})
process.on('disconnect', () => process.exit())
process.send(await start(JSON.parse(process.env.BENCH_SETTINGS)))
