// Bars as SVG, readable in the light and in the dark.

const WIDTH = 720
const LABEL = 236
const ROOM = 60
const BAR = { height: 18, pitch: 28, top: 44 }
const FONT = 'system-ui, -apple-system, Segoe UI, sans-serif'

/**
 * Horizontal bars from `bars` (`{ label, median, least, most, isOurs? }`) with a whisker from least to most.
 * `title` stands above, `note` below.
 */
export const barsSvg = ({ title, note, bars, digits = 1 }) => {
  const height = BAR.top + bars.length * BAR.pitch + 26
  const most = Math.max(...bars.map((bar) => bar.most))
  const scale = (WIDTH - LABEL - ROOM) / most
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 13px ${FONT}; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.note { font-size: 11px; fill: #59636e }
.bar { fill: #8c959f }
.ours { fill: #0969da }
.whisker { stroke: #1f2328; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.note { fill: #9198a1 }
.bar { fill: #656c76 }
.ours { fill: #4493f8 }
.whisker { stroke: #f0f6fc }
}
</style>
<text class="title" x="8" y="22">${escaped(title)}</text>
${bars.map((bar, i) => barOf(bar, BAR.top + i * BAR.pitch, scale, digits)).join('\n')}
<text class="note" x="8" y="${height - 10}">${escaped(note)}</text>
</svg>
`
}

const barOf = ({ label, median, least, most, isOurs = false }, y, scale, digits) => {
  const at = (value) => (LABEL + value * scale).toFixed(1)
  const middle = y + BAR.height / 2
  return `<text x="${LABEL - 8}" y="${y + 14}" text-anchor="end">${escaped(label)}</text>
<rect class="bar${isOurs ? ' ours' : ''}" x="${LABEL}" y="${y}" width="${(median * scale).toFixed(1)}" height="${BAR.height}"/>
<path class="whisker" d="M${at(least)} ${middle}H${at(most)}"/>
<text x="${(LABEL + most * scale + 6).toFixed(1)}" y="${y + 14}">${median.toFixed(digits)}</text>`
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text) => text.replace(/[&<>"]/g, (one) => ESCAPES[one])
