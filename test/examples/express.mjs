// A service of Express 5 that lets nobody in who has no passport.
import express from 'express'
import { requirePassport } from 'passport-gateway/passport'

const app = express()

app.use(
  requirePassport({
    secret: process.env.PASSPORT_SECRET,
    onRefused: (reason) => console.error(`passport refused: ${reason}`),
  }),
)

app.get('/', (request, response) => {
  response.send(`hello ${request.passport.user_id}\n`)
})

const server = app.listen(process.env.PORT ?? 4000, () => {
  console.log(`listening on ${server.address().port}`)
})
