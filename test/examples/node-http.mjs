// A service of node:http that lets nobody in who has no passport.
import { createServer } from 'node:http'
import { requirePassport } from 'passport-gateway/passport'

const guard = requirePassport({
  secret: process.env.PASSPORT_SECRET,
  onRefused: (reason) => console.error(`passport refused: ${reason}`),
})

const server = createServer((request, response) => {
  guard(request, response, () => {
    response.end(`hello ${request.passport.user_id}\n`)
  })
})

server.listen(process.env.PORT ?? 4000, () => {
  console.log(`listening on ${server.address().port}`)
})
