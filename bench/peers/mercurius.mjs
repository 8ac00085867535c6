// Mercurius with its JIT and prepared statements with names and generic plans. MODE says how edges are read: `loader` (its
// loaders), `join` (one statement), `narrow` (one statement with the columns and the joins that are asked for, by hand).
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const mode = process.env.MODE
const pool = new pg.Pool({ max: 8, options: '-c plan_cache_mode=force_generic_plan -c TimeZone=UTC' })
// Days and instants stay text: cheaper than objects that are made to be written again.
pg.types.setTypeParser(1082, (text) => text)
pg.types.setTypeParser(1184, (text) => text.replace(' ', 'T').replace('+00', 'Z'))

const columns = {
  id: 'l.id',
  title: 'l.title',
  kind: 'l.kind',
  track: 'l.track',
  education: 'l.education',
  headcount: 'l.headcount',
  daysPerWeek: 'l.days_per_week AS "daysPerWeek"',
  durationWeeks: 'l.duration_weeks AS "durationWeeks"',
  startsOn: 'l.starts_on AS "startsOn"',
  publishedAt: 'l.published_at AS "publishedAt"',
  description: 'l.description',
}
const edges = {
  organization: { column: 'o.name AS organization_name', join: 'JOIN partners_organization o ON o.id = l.organization_id' },
  division: { column: 'd.name AS division_name', join: 'JOIN core_division d ON d.id = l.division_code' },
}
const shown = "l.status = 'PUBLISHED' AND l.open_until >= CURRENT_DATE"
const by = 'ORDER BY l.published_at DESC, l.id DESC LIMIT $1'
const one = "l.id = $1 AND l.status IN ('PUBLISHED', 'CLOSED')"
const everything = [...Object.keys(columns), ...Object.keys(edges)]

function statement(name, fields, where) {
  const joined = mode === 'loader' ? [] : fields.filter((field) => edges[field]).map((field) => edges[field])
  const keys = mode === 'loader' ? ['l.organization_id', 'l.division_code'] : joined.map((edge) => edge.column)
  const chosen = [...fields.filter((field) => columns[field]).map((field) => columns[field]), ...keys]
  const from = ['internship_listing l', ...joined.map((edge) => edge.join)].join(' ')
  return { name, text: `SELECT ${chosen.join(', ')} FROM ${from} WHERE ${where}` }
}

const known = new WeakMap()
function asked(info, name, all, where) {
  if (mode !== 'narrow') return all
  const [node] = info.fieldNodes
  let found = known.get(node)
  if (found === undefined) {
    const fields = [...new Set(node.selectionSet.selections.map((part) => part.name.value))].sort()
    found = statement(`${name} ${fields.join(' ')}`.slice(0, 63), fields, where)
    known.set(node, found)
  }
  return found
}

const whole = statement('list', everything, `${shown} ${by}`)
const single = statement('one', Object.keys(columns), one)

async function listings(_, { first }, _context, info) {
  const { name, text } = asked(info, 'list', whole, `${shown} ${by}`)
  const { rows } = await pool.query({ name, text, values: [first] })
  if (mode !== 'loader') {
    for (const row of rows) {
      row.organization = { name: row.organization_name }
      row.division = { name: row.division_name }
    }
  }
  return rows
}

async function listing(_, { id }, _context, info) {
  const { name, text } = asked(info, 'one', single, one)
  return (await pool.query({ name, text, values: [id] })).rows[0]
}

async function named(name, table, keys) {
  const text = `SELECT id::text, name FROM ${table} WHERE id = ANY($1)`
  const { rows } = await pool.query({ name, text, values: [keys] })
  const found = new Map(rows.map((row) => [row.id, row]))
  return keys.map((key) => found.get(key))
}

const app = Fastify()
app.register(mercurius, {
  schema: `type Named { name: String! }
    type Listing { id: ID! title: String! kind: String! track: String! education: String! headcount: Int! daysPerWeek: Int
      durationWeeks: Int startsOn: String publishedAt: String description: String! organization: Named! division: Named! }
    type Query { listings(first: Int!): [Listing!]! listing(id: ID!): Listing }`,
  resolvers: { Query: { listings, listing } },
  loaders:
    mode === 'loader'
      ? {
          Listing: {
            organization: (wanted) => named('organizations', 'partners_organization', wanted.map(({ obj }) => obj.organization_id)),
            division: (wanted) => named('divisions', 'core_division', wanted.map(({ obj }) => obj.division_code)),
          },
        }
      : {},
  jit: 1,
  path: '/graphql',
})
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
