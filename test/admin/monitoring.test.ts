import { readFileSync } from 'node:fs'
import t from 'tap'
import { ERRORS } from '../../lib/index.js'
import { metricsOf, readQuery } from '../support/promql.js'
import { allFamilies } from '../support/readme-tables.js'

const read = (name: string): string =>
  readFileSync(new URL(`../../lib/admin/monitoring/${name}`, import.meta.url), 'utf8')

interface Panel {
  id: number
  type: string
  title: string
  description: string
  datasource: unknown
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: Array<{ refId: string; expr: string; legendFormat: string; datasource: unknown }>
}

const families = allFamilies()
const metrics = metricsOf(families)
const dashboard = JSON.parse(read('dashboard.json')) as {
  schemaVersion: number
  panels: Panel[]
  templating: { list: Array<{ name: string; type: string; definition?: string }> }
}
const panels = dashboard.panels.filter(({ type }) => type !== 'row')
const rules = read('alerts.yml').split('\n      - alert: ').slice(1)

t.test('every panel asks for what a gateway has, and names only labels that come of it', (t) => {
  for (const { title, targets = [] } of panels)
    for (const { expr, legendFormat } of targets) {
      const { unknown, labels, families } = readQuery(expr, metrics)
      t.same(unknown, [], `${title}: ${expr}`)
      t.ok(families.length > 0, title)
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        t.ok(labels.includes(label), `${title}: ${legendFormat}`)
    }
  for (const { name, definition } of dashboard.templating.list)
    if (definition !== undefined) {
      const { unknown, families, labels } = readQuery(definition, metrics)
      t.same(unknown, [], definition)
      t.equal(families.length, 1)
      t.ok(definition.endsWith(`, ${name})`) && labels.includes(name), definition)
    }
  t.end()
})

t.test('the dashboard shows every metric there is', (t) => {
  const shown = panels.flatMap(({ targets = [] }) =>
    targets.flatMap(({ expr }) => readQuery(expr, metrics).families),
  )
  t.same(
    families.filter(({ name }) => !shown.includes(name)).map(({ name }) => name),
    [],
  )
  t.end()
})

t.test('the dashboard can be imported for any data source, and no panel hides another', (t) => {
  t.ok(dashboard.schemaVersion >= 36)
  t.match(dashboard.templating.list[0], { name: 'DS_PROMETHEUS', type: 'datasource' })
  const datasource = { type: 'prometheus', uid: '${DS_PROMETHEUS}' }
  const cells = new Set<string>()
  for (const { title, description, gridPos, targets = [], ...panel } of panels) {
    t.same(panel.datasource, datasource, title)
    t.ok(description.length > 0, title)
    for (const target of targets) t.same(target.datasource, datasource, title)
    t.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
    const { x, y, w, h } = gridPos
    t.ok(x + w <= 24, title)
    for (let i = 0; i < w * h; i++) {
      const cell = `${x + (i % w)} ${y + Math.floor(i / w)}`
      if (cells.has(cell)) t.fail(`${title} hides another`)
      cells.add(cell)
    }
  }
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  t.end()
})

t.test('every rule asks for what a gateway has, and says how grave it is and what to do', (t) => {
  t.ok(rules.length > 15)
  for (const rule of rules) {
    const [name = ''] = rule.split('\n')
    const [, expr = ''] = /\n {8}expr: ([^]*?)\n {8}for: \d+m\n/.exec(rule) ?? []
    const { unknown, families, labels } = readQuery(expr, metrics)
    t.match(name, /^PassportGateway[A-Z]\w+$/)
    t.same(unknown, [], `${name}: ${expr}`)
    t.ok(families.length > 0, name)
    t.match(rule, /\n {8}labels: \{ severity: (critical|warning) \}\n/, name)
    t.match(rule, /\n {8}annotations:\n {10}summary: .+\n {10}description: .+\.\n/, name)
    for (const [, label = ''] of rule.matchAll(/\$labels\.(\w+)/g))
      t.ok(labels.includes(label), `${name}: ${label}`)
    for (const [, result = ''] of rule.matchAll(/result="(too_\w+)"/g))
      t.ok(Object.hasOwn(ERRORS, result), `${name}: ${result}`)
  }
  t.end()
})

t.test('what no gateway has is found', (t) => {
  const rows: Array<[string, string[]]> = [
    ['passport_gateway_redy == 0', ['passport_gateway_redy']],
    ['passport_gateway_ready{parts="store"}', ['parts of passport_gateway_ready']],
    ['passport_gateway_hash_queue_wait_seconds', ['passport_gateway_hash_queue_wait_seconds']],
    ['sum by (route) (passport_gateway_ready)', ['by route']],
    ['sum by (le) (passport_gateway_hash_queue_wait_seconds_count)', ['by le']],
    ['sum by (job, le) (passport_gateway_hash_queue_wait_seconds_bucket{job=~"a"})', []],
  ]
  for (const [expr, unknown] of rows) t.same(readQuery(expr, metrics).unknown, unknown, expr)
  t.end()
})
