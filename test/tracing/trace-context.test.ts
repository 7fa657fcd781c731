import fc from 'fast-check'
import t from 'tap'
import {
  parseTraceparent,
  parseTracestate,
  pushTraceContext,
  readTraceContext,
} from '../../lib/tracing/trace-context.js'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const GOOD = `00-${TRACE}-${SPAN}-01`

t.test('a traceparent is read strictly, and one of a later version by how it begins', (t) => {
  for (const [value, flags] of [
    [GOOD, 1],
    [`00-${TRACE}-${SPAN}-00`, 0],
    [`00-${TRACE}-${SPAN}-03`, 3],
    [`00-${TRACE}-${SPAN}-fd`, 1],
    [`01-${TRACE}-${SPAN}-01`, 1],
    [`cc-${TRACE}-${SPAN}-01-what-comes-then`, 1],
    [`fe-${TRACE}-${SPAN}-01-`, 1],
  ] as const)
    t.same(parseTraceparent(value), { traceId: TRACE, parentId: SPAN, flags }, value)
  for (const value of [
    '',
    '00',
    `ff-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `000-${TRACE}-${SPAN}-01`,
    `.0-${TRACE}-${SPAN}-01`,
    `CC-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN.toUpperCase()}-01`,
    `00-${TRACE}-${SPAN}-0A`,
    `00-${TRACE}-${SPAN}-0`,
    `00-${TRACE}-${SPAN}-001`,
    `00-${TRACE}-${SPAN}-.1`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-more`,
    `cc-${TRACE}-${SPAN}-01.more`,
    `cc-${TRACE}-${SPAN}-0`,
    `00-${TRACE}${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}1-${SPAN}-01`,
    `00-${TRACE}-${SPAN.slice(1)}-01`,
    `00-${TRACE}-${SPAN}1-01`,
    ` ${GOOD}`,
    `${GOOD} `,
    `${GOOD},${GOOD}`,
    GOOD.replace('0af', '0äf'),
  ])
    t.equal(parseTraceparent(value), undefined, JSON.stringify(value))
  t.end()
})

const hexOf = (digits: number) =>
  fc
    .stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))
    .filter((id) => /[^0]/.test(id) && id.length === digits)

t.test('what is written is read again, and nothing else is ever taken for it', (t) => {
  fc.assert(
    fc.property(
      hexOf(32),
      hexOf(16),
      fc.integer({ min: 0, max: 255 }),
      (traceId, spanId, flags) => {
        const out: string[] = []
        pushTraceContext(out, traceId, spanId, flags, undefined)
        const expected = { traceId, parentId: spanId, flags: flags & 3 }
        return out.length === 2 && t.same(parseTraceparent(out[1]), expected)
      },
    ),
  )
  // One character of a good one changed, left out or put in.
  fc.assert(
    fc.property(fc.nat(54), fc.string({ maxLength: 2, unit: 'binary-ascii' }), (at, put) => {
      const value = GOOD.slice(0, at) + put + GOOD.slice(at + 1)
      const parsed = parseTraceparent(value)
      return (
        parsed === undefined ||
        (/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(value) &&
          value.includes(`-${parsed.traceId}-${parsed.parentId}-`))
      )
    }),
  )
  t.end()
})

t.test('a tracestate is passed on as far as it is one', (t) => {
  const many = Array.from({ length: 32 }, (_, i) => `k${i}=v`)
  for (const [values, expected] of [
    [['congo=t61rcWkgMzE'], 'congo=t61rcWkgMzE'],
    [['a=1,b=2'], 'a=1,b=2'],
    [['a=1', 'b=2,c=3'], 'a=1,b=2,c=3'],
    [[' a=1 ,\tb=2\t, ,, '], 'a=1,b=2'],
    [['a=1,a=2'], 'a=1,a=2'],
    [['fw529a3039@dt=FfAo,0a/b*c_d-e=  x = y'], ''],
    [['fw529a3039@dt=FfAo,0a/b*c_d-e=  x!~'], 'fw529a3039@dt=FfAo,0a/b*c_d-e=  x!~'],
    [[`${'k'.repeat(256)}=${'v'.repeat(255)}`], `${'k'.repeat(256)}=${'v'.repeat(255)}`],
    [[`${'k'.repeat(257)}=v`], ''],
    [[`k=${'v'.repeat(257)}`], ''],
    [[many.join()], many.join()],
    [[...many, 'k32=v'], ''],
    [[''], ''],
    [[], ''],
    [['a'], ''],
    [['a='], ''],
    [['=1'], ''],
    [['A=1'], ''],
    [['a=1,B=2'], ''],
    [['a=é'], ''],
    [['a=b=c'], ''],
    [['a =1'], ''],
    [['@a=1'], ''],
  ] as const)
    t.equal(parseTracestate(values), expected, JSON.stringify(values))
  t.end()
})

t.test('beyond 512 characters its long members go first, then the last ones', (t) => {
  const long = `long=${'v'.repeat(124)}`
  const some = Array.from({ length: 8 }, (_, i) => `k${i}=${'v'.repeat(61)}`)
  t.equal(parseTracestate([[long, ...some.slice(0, 7)].join()]), some.slice(0, 7).join())
  t.equal(parseTracestate([some.join()]), some.slice(0, 7).join())
  t.equal(parseTracestate([`${'k'.repeat(256)}=${'v'.repeat(256)}`]), '', 'one alone is too long')
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 40 }), (lengths) => {
      const members = lengths.map((chars, i) => `k${i}=${'v'.repeat(chars)}`)
      const kept = parseTracestate([members.join()])
      const left = kept.split(',').filter(Boolean)
      const isInOrder = members.filter((member) => left.includes(member)).join() === kept
      return kept.length <= 512 && isInOrder && (members.length <= 32 || kept === '')
    }),
  )
  t.end()
})

t.test('two of them are none, and a tracestate does not come without', (t) => {
  const state = ['tracestate', 'a=1', 'TraceState', 'b=2']
  t.same(readTraceContext(['TraceParent', GOOD, ...state]), {
    traceId: TRACE,
    parentId: SPAN,
    flags: 1,
    state: 'a=1,b=2',
  })
  t.equal(readTraceContext(['traceparent', GOOD, 'Traceparent', GOOD]), undefined)
  t.equal(readTraceContext(['traceparent', 'no', ...state]), undefined)
  t.equal(readTraceContext(state), undefined)
  t.match(readTraceContext(['traceparent', GOOD, 'tracestate', '?']), { state: '' })
  t.end()
})
