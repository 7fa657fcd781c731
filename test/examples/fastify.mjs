// A service of Fastify 5 that lets nobody in who has no passport.
import Fastify from 'fastify'
import { passportHook } from 'passport-gateway/passport'

const app = Fastify()

app.decorateRequest('passport', null) // Fastify likes to know the shape of its requests
app.addHook(
  'onRequest',
  passportHook({
    secret: process.env.PASSPORT_SECRET,
    onRefused: (reason) => console.error(`passport refused: ${reason}`),
  }),
)

app.get('/', (request) => `hello ${request.passport.user_id}\n`)

await app.listen({ port: process.env.PORT ?? 4000 })
console.log(`listening on ${app.server.address().port}`)
