// What listens at the address of operators may be anything.
import t from 'tap'
import { ADMIN_TOKEN } from '../support/operator.js'
import { startHttpService, startRawService } from '../support/services.js'
import { users } from '../support/users-command.js'

t.test('nothing is said to have been done that was not', async (t) => {
  const rows: Array<[string[], number, string]> = [
    [['disable', 'x'], 200, '{}'],
    [['disable', 'x'], 200, '[]'],
    [['disable', 'x'], 204, ''],
    [['disable', 'x'], 200, '{"user_id":"x","disabled":false}'],
    [['enable', 'x'], 200, '{"user_id":"x","disabled":true}'],
    [['disable', 'a@b.c'], 200, '{"users":[{}],"next":null}'],
    [['set', 'x', '--platform=ios'], 200, '{}'],
    [['delete', 'x'], 200, '{}'],
    [['show', 'x'], 200, '{}'],
    [['list'], 200, '{"users":[],"next":"again"}'],
    [['list'], 200, '{"users":[null],"next":null}'],
    [['list'], 204, ''],
    [['list'], 200, '{"users":[{"user_id":"a"}],"next":5}'],
    [['list'], 200, '{"users":[{"user_id":"a"}],"next":"\\u001b[2J"}'],
    [['list'], 200, '{"users":[{"user_id":"a"}],"next":"again"}'],
    [['export'], 200, '{"users":[{"user_id":"a"}],"next":null}'],
    [['export'], 200, '{"users":[],"next":"again"}'],
    [['import'], 200, '{}'],
    [['import'], 200, '{"imported":1,"unchanged":0,"failed":{},"unreported":0}'],
    [['import'], 200, '{"imported":1,"failed":[],"unreported":0}'],
    ...['null', '{}', '{"line":0}', '{"line":2}', '{"line":"1"}'].map(
      (row): [string[], number, string] => [
        ['import'],
        200,
        `{"imported":0,"unchanged":0,"failed":[${row}],"unreported":0}`,
      ],
    ),
    [['show', 'x'], 400, '{"code":{"toString":1},"detail":[{"a":1}]}'],
  ]
  for (const [args, status, body] of rows) {
    const { url } = await startHttpService(t, (_, response) => response.writeHead(status).end(body))
    const outcome = await users(args, { ADMIN_TOKEN, ADMIN_URL: url }, ['{}'])
    t.equal(outcome.status, 1, `${args.join(' ')}: ${status} ${body}`)
    t.match(outcome.stderr, /^passport-gateway: users: [^\n]+\n$/)
  }
})

t.test('another protocol is no answer', async (t) => {
  const { url } = await startRawService(t, ({ socket }) =>
    socket.write('HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n'),
  )
  const outcome = await users(['list'], { ADMIN_TOKEN, ADMIN_URL: url })
  t.equal(outcome.status, 1)
  t.match(outcome.stderr, /no gateway answers operators at .* \(another protocol\)/)
})

t.test(
  'nothing that is shown steers a terminal, and no word of the command is repeated',
  async (t) => {
    const email = '\u009b31m\u009d0;owned\u009c\u202e\u001b[2J'
    const user = JSON.stringify({ user_id: 'x', email })
    const { url } = await startHttpService(t, (_, response) =>
      response.end(`{"users":[${user}],"next":null}`),
    )
    const listed = await users(['list'], { ADMIN_TOKEN, ADMIN_URL: url })
    t.match(listed.stdout, /^[\x20-\x7e]+\n$/)
    t.match(JSON.parse(listed.stdout), { email })
    const wrong = await users(['hunter22\u001b[31m'], { ADMIN_TOKEN, ADMIN_URL: url })
    t.equal(wrong.status, 2)
    t.notMatch(wrong.stderr, 'hunter22')
    t.notOk(wrong.stderr.includes('\u001b'))
  },
)
